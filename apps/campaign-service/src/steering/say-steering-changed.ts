import { campaignSteeringChanged, type CampaignState } from '@cahier/contracts';
import type { EntityManager } from 'typeorm';
import type { CampaignEvents } from '../campaigns/campaign-facts.js';
import { lockCampaign } from '../campaigns/change-campaign.js';

/** Nobody has heard of it, or nothing more will come of it. */
const SILENT: readonly CampaignState[] = ['draft', 'cancelled', 'archived'];

/** Says of every campaign that the body steers, and that somebody has heard of, who its members now are. */
export async function saySteeringChanged(tx: EntityManager, events: CampaignEvents, steeringBodyId: string, at: Date): Promise<void> {
  const campaigns = await tx.query<{ campaign_id: string }[]>('SELECT campaign_id FROM campaign_steering_body WHERE steering_body_id = $1 ORDER BY campaign_id', [steeringBodyId]);
  for (const { campaign_id: campaignId } of campaigns) {
    // Drafts are locked too: one that is being scheduled right now has not read this change, and only its row tells.
    const campaign = await lockCampaign(tx, campaignId);
    if (!SILENT.includes(campaign.state)) await events.say(tx, campaignSteeringChanged, campaign, at, {});
  }
}
