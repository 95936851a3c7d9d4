import type { Readable } from 'node:stream';
import type { Config } from '../config.js';
import type { ReportFile } from '../export/report-order.js';
import type { Report } from './report.entity.js';

export type Attempt = Pick<Report, 'id' | 'attempt'>;

/** Under which an attempt's files are kept: a maker that was given up, and still lives, cannot touch what its successor makes. */
export const nameOf = ({ id, attempt }: Attempt): string => `${id}-${attempt}`;

/**
 * Finished reports. What is being made is not in it: it becomes visible as a whole.
 * Where its place is away or full it throws what `outcomeOf` calls *postponed*.
 */
export abstract class ReportStore {
  /** An empty place for a new attempt, cleared of what earlier ones left. @returns a folder on this machine that does not exist yet. */
  abstract prepare(attempt: Attempt): Promise<string>;

  /**
   * Takes a whole report from the prepared folder to where it is read; durable when it resolves.
   * @param files what was made, the manifest last.
   * @throws Error when the store gives back other bytes.
   */
  abstract keep(attempt: Attempt, files: readonly ReportFile[]): Promise<void>;

  /** Throws away what was prepared. */
  abstract discard(attempt: Attempt): Promise<void>;

  /**
   * @param name one of the report's own file names: the caller has looked it up, it is never what somebody typed.
   * @throws Error before the first byte when the store does not have it.
   */
  abstract read(attempt: Attempt, name: string): Promise<Readable>;

  /** @throws Error when reports cannot be stored now. */
  abstract check(): Promise<void>;
}

/** The store of the configuration; the client of the other kind is not even loaded. */
export async function openReportStore(config: Config): Promise<ReportStore> {
  if (config.REPORT_STORE_BUCKET === '') return new (await import('./folder-store.js')).FolderStore(config.REPORT_STORE_FOLDER);
  return new (await import('./bucket-store.js')).BucketStore(config);
}
