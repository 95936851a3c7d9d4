import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';

/** Takes back rows whose process fell silent: a mail that may have been sent follows the rule of its lane. */
@Injectable()
export class RecoverDispatches {
  private readonly logger = new Logger(RecoverDispatches.name);

  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  /** @returns how many rows. */
  async execute(): Promise<number> {
    const [rows] = await this.db.query<[{ state: string; lane: string }[], number]>(
      `UPDATE dispatch SET
         state = CASE WHEN lane = 'bulk' THEN 'indeterminate' ELSE 'pending' END,
         settled_at = CASE WHEN lane = 'bulk' THEN service_now() END,
         cause = CASE WHEN lane = 'bulk' THEN 'The process ended while sending' END,
         claimed_at = NULL, queued_at = NULL
       WHERE dispatch_id IN (SELECT dispatch_id FROM dispatch WHERE state = 'sending' AND claimed_at < service_now() - $1 * interval '1 second' FOR UPDATE SKIP LOCKED)
       RETURNING state, lane`,
      [this.config.DISPATCH_LEASE_SECONDS],
    );
    const indeterminate = rows.filter(({ state }) => state === 'indeterminate').length;
    if (rows.length > 0) this.logger.warn(`${rows.length} dispatches of a process that fell silent were taken back, ${indeterminate} of them wait for an operator`);
    return rows.length;
  }
}
