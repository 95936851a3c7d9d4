import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { WindowView } from './window.dto.js';
import { CampaignUnknown } from './window.errors.js';

@Injectable()
export class WindowQueries {
  constructor(private readonly db: DataSource) {}

  /** @throws CampaignUnknown */
  async window(campaignId: string): Promise<WindowView> {
    const [window] = await this.db.query<WindowView[]>(
      `SELECT window_state(state, accepting, opens_at, closes_at, service_now()) AS state,
              instant(opens_at) AS "opensAt", instant(closes_at) AS "closesAt", instant(service_now()) AS now
       FROM campaign_window WHERE campaign_id = $1 AND opens_at IS NOT NULL`,
      [campaignId],
    );
    if (!window) throw new CampaignUnknown();
    return window;
  }

  /** Version of the key behind the campaign's participant references; undefined while nothing has been heard of it. */
  async participantKey(campaignId: string): Promise<number | undefined> {
    const [row] = await this.db.query<{ participant_key: number }[]>('SELECT participant_key FROM campaign_window WHERE campaign_id = $1', [campaignId]);
    return row?.participant_key;
  }
}
