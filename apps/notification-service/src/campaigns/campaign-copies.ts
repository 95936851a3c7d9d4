import { campaignFacts, type CampaignFacts } from '@cahier/contracts';
import type { EntityManager } from 'typeorm';

/** Keeps the newest facts of a campaign. @returns false for an event older than what is known. */
export async function keepCampaign(tx: EntityManager, facts: CampaignFacts, version: number): Promise<boolean> {
  const kept = await tx.query<unknown[]>(
    `INSERT INTO campaign_copy AS known (campaign_id, version, facts) VALUES ($1, $2, $3)
     ON CONFLICT (campaign_id) DO UPDATE SET version = excluded.version, facts = excluded.facts WHERE known.version < excluded.version
     RETURNING 1`,
    [facts.campaignId, version, campaignFacts.parse(facts)],
  );
  return kept.length > 0;
}

/** What is known of a campaign; undefined while nothing is. */
export async function campaignCopy(tx: Pick<EntityManager, 'query'>, campaignId: string): Promise<CampaignFacts | undefined> {
  const [row] = await tx.query<{ facts: CampaignFacts }[]>('SELECT facts FROM campaign_copy WHERE campaign_id = $1', [campaignId]);
  return row?.facts;
}
