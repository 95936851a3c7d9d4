import { setTimeout as pause } from 'node:timers/promises';
import { describeFailure, isTransient, isUnavailable } from '@cahier/platform';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { advanceDispatches, type Attempt, type Ending } from './advance-dispatches.statement.js';
import type { Verdict } from './dispatch.policy.js';

type Waiting<T, R> = T & { readonly resolve: (result: R) => void; readonly reject: (error: unknown) => void };

interface Page {
  readonly begins: Waiting<Attempt, boolean>[];
  readonly renewals: Attempt[];
  readonly ends: Waiting<Ending & { readonly keepUntil: number }, void>[];
}

const emptyPage = (): Page => ({ begins: [], renewals: [], ends: [] });
const RETRY_MS = 200;

/**
 * Notes that mails begin and end. What comes while a statement is under way goes together into the next: a busy lane shares its commits, a
 * single mail waits for nothing. A mail that ended and the next one of its job, noted in one turn, change in the same commit.
 */
@Injectable()
export class DispatchJournal {
  private readonly logger = new Logger(DispatchJournal.name);
  private page = emptyPage();
  private writing = false;

  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  /** From here on a crash leaves it open whether the mail was sent. @returns false when it is not ours to send: taken, not due, or nobody may be told. */
  begin(attempt: Attempt): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.page.begins.push({ ...attempt, resolve, reject });
      this.write();
    });
  }

  /** The mail is still under way: nobody takes its row for abandoned. */
  renew(attempt: Attempt): void {
    this.page.renewals.push(attempt);
    this.write();
  }

  /** What is known is not given up because the database is away: it is noted once it is back, as long as the row is ours. */
  end(attempt: Attempt, verdict: Verdict): Promise<void> {
    return new Promise((resolve, reject) => {
      this.page.ends.push({ ...attempt, verdict, keepUntil: performance.now() + this.config.DISPATCH_LEASE_SECONDS * 1_000, resolve, reject });
      this.write();
    });
  }

  private write(): void {
    if (this.writing) return;
    this.writing = true;
    // After all that is said in this turn.
    setImmediate(() => void this.writePages());
  }

  private async writePages(): Promise<void> {
    while (this.page.begins.length + this.page.renewals.length + this.page.ends.length > 0) {
      const page = this.page;
      this.page = emptyPage();
      await this.writePage(page).catch((error: unknown) => this.keep(page, error));
    }
    this.writing = false;
  }

  private async writePage({ begins, renewals, ends }: Page): Promise<void> {
    const ended = new Set(ends.map(({ dispatchId }) => dispatchId));
    const begun = await this.withClient((client) => advanceDispatches(client, ends, renewals.filter(({ dispatchId }) => !ended.has(dispatchId)), begins));
    for (const { resolve } of ends) resolve();
    // Two jobs of this process may ask for one row: it begins once.
    for (const { dispatchId, resolve } of begins) resolve(begun.delete(dispatchId));
  }

  /** TypeORM cannot name a statement, and planning this one costs as much as running it. */
  private async withClient<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    const runner = this.db.createQueryRunner();
    try {
      return await work((await runner.connect()) as ClientBase);
    } finally {
      await runner.release();
    }
  }

  /** A row that did not begin is still pending, or looks abandoned: its job fails, and it is found again. */
  private async keep({ begins, ends }: Page, error: unknown): Promise<void> {
    for (const { reject } of begins) reject(error);
    const passing = isUnavailable(error) || isTransient(error);
    const kept = ends.filter(({ keepUntil }) => passing && performance.now() < keepUntil);
    for (const end of ends) if (!kept.includes(end)) end.reject(error);
    this.logger.warn(`${begins.length} mails did not begin, ${kept.length} of ${ends.length} that ended are noted later: ${describeFailure(error)}`);
    if (kept.length === 0) return;
    this.page.ends.unshift(...kept);
    await pause(RETRY_MS, undefined, { ref: false });
  }
}
