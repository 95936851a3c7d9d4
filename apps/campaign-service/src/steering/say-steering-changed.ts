import { campaignSteeringChanged } from '@cahier/contracts';
import type { EntityManager } from 'typeorm';
import type { CampaignEvents } from '../campaigns/campaign-facts.js';
import { lockCampaign } from '../campaigns/change-campaign.js';

/** Says of every campaign that the body steers, and that somebody has heard of, who its members now are. */
export async function saySteeringChanged(tx: EntityManager, events: CampaignEvents, steeringBodyId: string, at: Date): Promise<void> {
  const campaigns = await tx.query<{ campaign_id: string }[]>(
    `SELECT c.campaign_id FROM campaign AS c JOIN campaign_steering_body USING (campaign_id)
     WHERE steering_body_id = $1 AND c.event_version > 0 AND c.state NOT IN ('draft', 'cancelled', 'archived') ORDER BY c.campaign_id`,
    [steeringBodyId],
  );
  for (const { campaign_id: campaignId } of campaigns) await events.say(tx, campaignSteeringChanged, await lockCampaign(tx, campaignId), at, {});
}
