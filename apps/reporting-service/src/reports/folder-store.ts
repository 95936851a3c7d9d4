import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../export/checked-file.js';
import { type Attempt, nameOf, ReportStore } from './report-store.js';

/** One folder for each report; what is being made stands in `unfinished/` until it is whole. Makers have read their files back. */
export class FolderStore extends ReportStore {
  private readonly unfinished: string;

  constructor(private readonly folder: string) {
    super();
    this.unfinished = join(folder, 'unfinished');
  }

  override async prepare(attempt: Attempt): Promise<string> {
    await this.check();
    for (const place of [this.unfinished, this.folder]) {
      for (const name of await readdir(place)) if (name.startsWith(`${attempt.id}-`)) await rm(join(place, name), { recursive: true, force: true });
    }
    return join(this.unfinished, nameOf(attempt));
  }

  override async keep(attempt: Attempt): Promise<void> {
    await rename(join(this.unfinished, nameOf(attempt)), join(this.folder, nameOf(attempt)));
    await syncFolder(this.folder);
  }

  override async discard(attempt: Attempt): Promise<void> {
    await rm(join(this.unfinished, nameOf(attempt)), { recursive: true, force: true });
  }

  override async read(attempt: Attempt, name: string): Promise<ReadStream> {
    const path = join(this.folder, nameOf(attempt), name);
    // Opened before the reply begins: a file that is missing is an error, not a torn download.
    await (await open(path)).close();
    return createReadStream(path);
  }

  override async check(): Promise<void> {
    await mkdir(this.unfinished, { recursive: true });
  }
}
