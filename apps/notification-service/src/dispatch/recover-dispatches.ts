import { continueTrace, inTrace } from '@cahier/platform';
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
    const [rows] = await this.db.query<[{ dispatch_id: string; kind: string; state: string; traceparent: string | null }[], number]>(
      `UPDATE dispatch SET
         state = CASE WHEN lane = 'bulk' THEN 'indeterminate' ELSE 'pending' END,
         settled_at = CASE WHEN lane = 'bulk' THEN service_now() END,
         cause = CASE WHEN lane = 'bulk' THEN 'The process ended while sending' END,
         claimed_at = NULL, queued_at = NULL
       WHERE dispatch_id IN (SELECT dispatch_id FROM dispatch WHERE state = 'sending' AND claimed_at < service_now() - $1 * interval '1 second' FOR UPDATE SKIP LOCKED)
       RETURNING dispatch_id, kind, state, traceparent`,
      [this.config.DISPATCH_LEASE_SECONDS],
    );
    for (const { dispatch_id: dispatchId, kind, state, traceparent } of rows) {
      const msg = state === 'indeterminate' ? 'A mail of unknown fate waits for an operator' : 'A mail of a process that fell silent is sent again';
      inTrace(continueTrace(traceparent), () => { this.logger.warn({ msg, dispatchId, kind }); });
    }
    return rows.length;
  }
}
