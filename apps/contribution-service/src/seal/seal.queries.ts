import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { graceMs } from './grace.policy.js';

@Injectable()
export class SealQueries {
  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  /** Campaigns that have closed long enough ago and are not sealed, or are sealed and not announced. */
  async unfinished(): Promise<string[]> {
    const rows = await this.db.query<{ campaign_id: string }[]>(
      `SELECT w.campaign_id FROM campaign_window AS w LEFT JOIN intake_seal AS s USING (campaign_id)
       WHERE s.announced_at IS NULL AND (s.campaign_id IS NOT NULL OR
             (w.state IN ('closed', 'published', 'archived') AND service_now() >= w.closes_at + $1 * interval '1 millisecond'))`,
      [graceMs(this.config.MAX_QUEUE_WAIT_MS)],
    );
    return rows.map(({ campaign_id }) => campaign_id);
  }

  /** Since closing, of the campaign that closed first and is not announced; 0 when there is none. For the alert. */
  async longestWaitSeconds(): Promise<number> {
    const [row] = await this.db.query<[{ seconds: number }]>(
      `SELECT greatest(0, coalesce(max(extract(epoch FROM service_now() - w.closes_at)), 0))::float AS seconds
       FROM campaign_window AS w LEFT JOIN intake_seal AS s USING (campaign_id)
       WHERE s.announced_at IS NULL AND w.state <> 'cancelled'`,
    );
    return row.seconds;
  }
}
