import { recordStaffAction, type StaffMember } from '@cahier/platform';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Action } from './campaign.entity.js';
import { Campaign } from './campaign.entity.js';
import { CampaignUnknown } from './campaign.errors.js';
import { Transition } from './transition.entity.js';

/** The scheduler's name in the record of transitions. */
export const BY_SCHEDULE: Pick<StaffMember, 'subject' | 'name'> = { subject: 'campaign-service', name: 'Calendrier' };

/** Locks the campaign's row until the transaction ends. @throws CampaignUnknown. */
export async function lockCampaign(tx: EntityManager, campaignId: string): Promise<Campaign> {
  const campaign = await tx.findOne(Campaign, { where: { campaignId }, lock: { mode: 'pessimistic_write' } });
  if (!campaign) throw new CampaignUnknown();
  return campaign;
}

/** Records who did what, from the state before to the state that `campaign` now has; what staff did stands in their audit trail too. */
export async function recordTransition(tx: EntityManager, campaign: Campaign, action: Action, from: Campaign['state'], by: Pick<StaffMember, 'subject' | 'name'>, at: Date, reason: string | null = null): Promise<void> {
  await tx.insert(Transition, { transitionId: randomUUID(), campaignId: campaign.campaignId, action, fromState: from, toState: campaign.state, at, bySubject: by.subject, byName: by.name, reason });
  if (by !== BY_SCHEDULE) await recordStaffAction(tx, by, { action: `campaign.${action}`, targetId: campaign.campaignId, campaignId: campaign.campaignId });
}
