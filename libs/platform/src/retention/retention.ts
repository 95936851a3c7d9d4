import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { describeFailure } from '../failures.js';
import { Loop } from '../loop.js';
import { type Actor, recordStaffAction } from '../staff-actions/record-staff-action.js';

/** What may not be kept for ever, and for how long it is. */
export interface RetentionRule {
  /** What goes, such as `unconfirmed-subscriptions`. */
  readonly name: string;
  /** Removes all whose time has come, by the database's clock; any number of replicas may do it at once. @returns how many rows. */
  apply(db: DataSource): Promise<number>;
}

/** Rule → rows removed, erased or emptied. */
export type Removed = Record<string, number>;

const HOUR = 3_600_000;
const ROWS = 5_000;

/** Runs a DELETE or UPDATE, whose last parameter is a number of rows, until it finds nothing more: no long transaction, however much there is. */
export async function inBatches(db: DataSource, statement: string, parameters: readonly unknown[]): Promise<number> {
  for (let total = 0; ; ) {
    const [, changed] = await db.query<[unknown[], number]>(statement, [...parameters, ROWS]);
    total += changed;
    if (changed < ROWS) return total;
  }
}

/** Applies the rules every hour, in every replica: nothing outside has to remember it. */
@Injectable()
export class Retention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Retention.name);
  private readonly loop = new Loop(
    async () => {
      await this.apply();
      return HOUR;
    },
    (error) => {
      this.logger.warn(`What should go stays for another hour: ${describeFailure(error)}`);
      return HOUR;
    },
  );

  constructor(private readonly db: DataSource, private readonly rules: readonly RetentionRule[]) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** Now, on somebody's word, which stands in the audit trail before anything is removed. */
  async run(by: Actor): Promise<Removed> {
    await recordStaffAction(this.db, by, { action: 'retention.run' });
    return this.apply();
  }

  private async apply(): Promise<Removed> {
    const removed: Removed = {};
    for (const rule of this.rules) removed[rule.name] = await rule.apply(this.db);
    const some = Object.entries(removed).filter(([, rows]) => rows > 0);
    if (some.length > 0) this.logger.log({ msg: 'What had been kept long enough is gone', ...Object.fromEntries(some) });
    return removed;
  }
}
