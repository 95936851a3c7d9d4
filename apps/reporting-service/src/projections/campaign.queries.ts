import type { CampaignCopy } from './campaign-copy.js';

/** Runs SQL on some connection: the service's pool, a transaction, or the one that holds a report's snapshot. */
export type Query = <Row>(sql: string, parameters: readonly unknown[]) => Promise<Row[]>;

export interface CampaignRow {
  readonly state: string;
  readonly zone: string | null;
  readonly opens_at: Date | null;
  readonly closes_at: Date | null;
  readonly body_codes: string[];
  readonly member_ids: string[];
  readonly facts: CampaignCopy;
}

/** The campaign as last heard of; undefined before its first event. */
export async function findCampaign(query: Query, campaignId: string): Promise<CampaignRow | undefined> {
  const [row] = await query<CampaignRow>('SELECT state, zone, opens_at, closes_at, body_codes, member_ids, facts FROM campaign WHERE campaign_id = $1', [campaignId]);
  return row;
}
