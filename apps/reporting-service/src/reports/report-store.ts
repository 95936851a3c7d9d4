import { randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../export/checked-file.js';
import type { Report } from './report.entity.js';

type Attempt = Pick<Report, 'id' | 'attempt'>;

/**
 * Finished reports, one folder each; what is being made stands in `unfinished/` until it is whole.
 * Folders carry the attempt: a maker that was given up, and still lives, cannot touch what its successor makes.
 */
export class ReportStore {
  private readonly unfinished: string;

  constructor(private readonly folder: string) {
    this.unfinished = join(folder, 'unfinished');
  }

  /** An empty place for a new attempt, cleared of what earlier ones left. @returns a folder that does not exist yet. */
  async prepare({ id, attempt }: Attempt): Promise<string> {
    await mkdir(this.unfinished, { recursive: true });
    for (const place of [this.unfinished, this.folder]) {
      for (const name of await readdir(place)) if (name.startsWith(`${id}-`)) await rm(join(place, name), { recursive: true, force: true });
    }
    return join(this.unfinished, `${id}-${attempt}`);
  }

  /** Moves a whole report to where it is read; durable when it resolves. */
  async keep({ id, attempt }: Attempt): Promise<void> {
    await rename(join(this.unfinished, `${id}-${attempt}`), join(this.folder, `${id}-${attempt}`));
    await syncFolder(this.folder);
  }

  /** A place beside those in the making, for what may never be kept. @returns a folder that does not exist yet. */
  async aside(): Promise<string> {
    await mkdir(this.unfinished, { recursive: true });
    return join(this.unfinished, `aside-${randomUUID()}`);
  }

  /** Puts a whole report, made again, in the place of what is left of it. */
  async replace({ id, attempt }: Attempt, folder: string): Promise<void> {
    const place = join(this.folder, `${id}-${attempt}`);
    await rm(place, { recursive: true, force: true });
    await rename(folder, place);
    await syncFolder(this.folder);
  }

  async clear(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }

  async discard({ id, attempt }: Attempt): Promise<void> {
    await rm(join(this.unfinished, `${id}-${attempt}`), { recursive: true, force: true });
  }

  /** The attempt whose files are kept here; undefined where there are none. */
  async attemptOf(id: string): Promise<number | undefined> {
    await mkdir(this.folder, { recursive: true });
    const kept = (await readdir(this.folder)).find((name) => name.startsWith(`${id}-`));
    return kept === undefined ? undefined : Number(kept.slice(id.length + 1));
  }

  /**
   * @param name one of the report's own file names: the caller has looked it up, it is never what somebody typed.
   * @throws Error when the store does not have it.
   */
  async read({ id, attempt }: Attempt, name: string): Promise<ReadStream> {
    const path = join(this.folder, `${id}-${attempt}`, name);
    // Opened before the reply begins: a file that is missing is an error, not a torn download.
    await (await open(path)).close();
    return createReadStream(path);
  }

  /** @throws Error when reports cannot be stored here. */
  async check(): Promise<void> {
    await mkdir(this.unfinished, { recursive: true });
  }
}
