import { describeFailure, Loop, type Next } from '@cahier/platform';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { RETENTION_DAYS } from '../kafka/topics.js';

const HOUR = 3_600_000;
/** Kafka removes whole segments, which stay open for up to a retention's length: a message may come again until then. */
const INBOX_DAYS = 2 * RETENTION_DAYS + 1;
const ROWS = 5_000;

/**
 * Removes inbox rows that Kafka can no longer deliver again, and, where the service does not keep them as its audit,
 * published outbox rows of the same age. Any number of replicas may do it at once.
 */
export class Housekeeping {
  private readonly logger = new Logger(Housekeeping.name);
  private readonly loop = new Loop(() => this.step());

  constructor(private readonly db: DataSource, private readonly keepPublished: boolean) {}

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** @returns how many rows were removed. */
  async tidy(): Promise<number> {
    const inbox = await this.repeat(`DELETE FROM inbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM inbox WHERE received_at < now() - make_interval(days => $1) LIMIT $2))`, INBOX_DAYS);
    if (this.keepPublished) return inbox;
    // Only ever looks at the oldest rows: the table holds days of traffic.
    const outbox = await this.repeat(
      `DELETE FROM outbox WHERE published_at < now() - make_interval(days => $1) AND position IN (SELECT position FROM outbox ORDER BY position LIMIT $2)`,
      RETENTION_DAYS,
    );
    return inbox + outbox;
  }

  private async repeat(statement: string, days: number): Promise<number> {
    for (let total = 0; ; ) {
      const [, removed] = await this.db.query<[unknown[], number]>(statement, [days, ROWS]);
      total += removed;
      if (removed < ROWS) return total;
    }
  }

  private async step(): Promise<Next> {
    try {
      await this.tidy();
    } catch (error) {
      this.logger.warn(`Old rows stay for another hour: ${describeFailure(error)}`);
    }
    return HOUR;
  }
}
