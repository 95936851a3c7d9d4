import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../export/checked-file.js';
import { type Attempt, attemptIn, nameOf, NotStored, ReportStore } from './report-store.js';

/** One folder for each report; what is being made stands in `unfinished/` until it is whole. Makers have read their files back. */
export class FolderStore extends ReportStore {
  constructor(private readonly folder: string) {
    super(join(folder, 'unfinished'));
  }

  override async prepare(attempt: Attempt): Promise<string> {
    await this.check();
    for (const place of [this.workshop, this.folder]) {
      for (const name of await readdir(place)) if (name.startsWith(`${attempt.id}-`)) await this.clear(join(place, name));
    }
    return join(this.workshop, nameOf(attempt));
  }

  override async keep(attempt: Attempt, folder: string): Promise<void> {
    const place = join(this.folder, nameOf(attempt));
    await this.clear(place);
    await rename(folder, place);
    await syncFolder(this.folder);
  }

  override async attemptOf(reportId: string): Promise<number | undefined> {
    await this.check();
    return attemptIn((await readdir(this.folder)).find((name) => name.startsWith(`${reportId}-`)), reportId);
  }

  override async read(attempt: Attempt, name: string): Promise<ReadStream> {
    const path = join(this.folder, nameOf(attempt), name);
    // Opened before the reply begins: a file that is missing is an error, not a torn download.
    const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
      throw cause.code === 'ENOENT' ? new NotStored(`${nameOf(attempt)}/${name}`, { cause }) : cause;
    });
    await file.close();
    return createReadStream(path);
  }

  override async check(): Promise<void> {
    await mkdir(this.workshop, { recursive: true });
  }
}
