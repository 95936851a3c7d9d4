import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { graceMs } from './grace.policy.js';

/** Closes a campaign's intake for good. */
@Injectable()
export class SealIntake {
  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  /**
   * Waits, alone at the gate, for every transaction that passed it, however late it commits. What commits after this has
   * not passed and was not accepted. Does nothing before closing has been heard of and the grace is over, nor twice.
   */
  async execute(campaignId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock(intake_gate($1))', [campaignId]);
      await tx.query(
        `INSERT INTO intake_seal (campaign_id, closes_at, sealed_at)
         SELECT campaign_id, closes_at, service_now() FROM campaign_window
         WHERE campaign_id = $1 AND state IN ('closed', 'published', 'archived') AND service_now() >= closes_at + $2 * interval '1 millisecond'
         ON CONFLICT (campaign_id) DO NOTHING`,
        [campaignId, graceMs(this.config.MAX_QUEUE_WAIT_MS)],
      );
    });
  }
}
