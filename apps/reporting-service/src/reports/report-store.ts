import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ReportFile } from '../export/report-order.js';
import type { Report } from './report.entity.js';

export type Attempt = Pick<Report, 'id' | 'attempt'>;

/** Under which an attempt's files are kept: a maker that was given up, and still lives, cannot touch what its successor makes. */
export const nameOf = ({ id, attempt }: Attempt): string => `${id}-${attempt}`;

/** The store does not have the file. */
export class NotStored extends Error {}

/**
 * Finished reports. What is being made is not in it: it becomes visible as a whole.
 * Where its place is away or full it throws what `outcomeOf` calls *postponed*.
 */
export abstract class ReportStore {
  /** @param workshop where reports are made, on this machine. */
  constructor(protected readonly workshop: string) {}

  /** An empty place for a new attempt, cleared of what earlier ones left. @returns a folder on this machine that does not exist yet. */
  abstract prepare(attempt: Attempt): Promise<string>;

  /**
   * Takes a whole report from `folder` to where it is read, in the place of what is left of it there; durable when it resolves.
   * @param files what was made, the manifest last.
   * @throws Error when the store gives back other bytes.
   */
  abstract keep(attempt: Attempt, folder: string, files: readonly ReportFile[]): Promise<void>;

  /** The attempt of which files are kept; undefined where there are none. */
  abstract attemptOf(reportId: string): Promise<number | undefined>;

  /**
   * @param name one of the report's own file names: the caller has looked it up, it is never what somebody typed.
   * @throws NotStored before the first byte.
   */
  abstract read(attempt: Attempt, name: string): Promise<Readable>;

  /** @throws Error when reports cannot be stored now. */
  abstract check(): Promise<void>;

  /** A place for what may never be kept. @returns a folder on this machine that does not exist yet. */
  async aside(): Promise<string> {
    await mkdir(this.workshop, { recursive: true });
    return join(this.workshop, `aside-${randomUUID()}`);
  }

  /** Throws away what was made in a folder. */
  async clear(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of `<report>-<attempt>`. */
export const attemptIn = (name: string | undefined, reportId: string): number | undefined => (name === undefined ? undefined : Number(name.slice(reportId.length + 1)));
