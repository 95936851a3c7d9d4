import {
  campaignCancelled, campaignClosed, campaignDeadlineExtended, type CampaignFacts, campaignOpened, campaignPublished, campaignReminderDue, campaignRescheduled, campaignResumed,
  campaignScheduled, campaignSuspended, campaignUnscheduled, documentPublished,
} from '@cahier/contracts';
import { isFact, type SaidFact } from '@cahier/messaging';
import type { EntityManager } from 'typeorm';
import { type Action, Campaign } from './campaign.entity.js';
import { BY_SCHEDULE, recordTransition } from './change-campaign.js';
import { cancelSchedule, planSchedule } from '../schedule/plan-schedule.js';
import { adoptDocument } from '../documents/adopt-document.js';
import { adoptSurroundings } from './adopt-surroundings.js';

/** The member of staff is not in the event. */
const UNKNOWN_STAFF = { subject: 'unknown', name: 'Inconnu (rétabli d’après les événements) · Unknown (restored from the events)' };

/** Events that tell a transition, and which. */
const ACTIONS: Readonly<Record<string, Action>> = {
  [campaignScheduled.type]: 'schedule', [campaignRescheduled.type]: 'reschedule', [campaignUnscheduled.type]: 'unschedule', [campaignOpened.type]: 'open', [campaignDeadlineExtended.type]: 'extend',
  [campaignSuspended.type]: 'suspend', [campaignResumed.type]: 'resume', [campaignClosed.type]: 'close', [campaignCancelled.type]: 'cancel', [campaignPublished.type]: 'publish',
};

/** Makes a fact of this service true again that its restored database does not know. @returns what an operator must know of it, if anything. */
export async function adoptFact(tx: EntityManager, fact: SaidFact): Promise<string | undefined> {
  if (isFact(fact, documentPublished)) return adoptDocument(tx, fact);
  const said = fact as SaidFact<typeof campaignScheduled>;
  const notes = await adoptSurroundings(tx, said.data);
  const known = await tx.findOneBy(Campaign, { campaignId: said.data.campaignId });
  if (!known) notes.push(`Campaign ${said.data.campaignId}: which reminders were planned is in no event; it has none now.`);
  const campaign = campaignOf(known, said);
  await tx.save(Campaign, campaign);
  await adoptBodies(tx, said.data);
  const action = ACTIONS[said.contract.type];
  if (action) await recordTransition(tx, campaign, action, known?.state ?? 'draft', action === 'open' || action === 'close' ? BY_SCHEDULE : UNKNOWN_STAFF, said.at, reasonOf(fact));
  await adoptSchedule(tx, campaign, fact);
  return notes.length > 0 ? notes.join('\n') : undefined;
}

function campaignOf(known: Campaign | null, { data, version }: SaidFact<typeof campaignScheduled>): Campaign {
  const { campaignId, edition, kind, state, title, presentation, rules, audiences, window } = data;
  const { reminderHours = [], zone = null, opensAtLocal = null, closesAtLocal = null, version: tag = 0 } = known ?? {};
  const typed = window ? { zone: window.zone, opensAtLocal: window.opensAtLocal, closesAtLocal: window.closesAtLocal } : { zone, opensAtLocal, closesAtLocal };
  return Object.assign(new Campaign(), {
    campaignId, editionId: edition.editionId, kind, state, title, presentation, rules, audiences, reminderHours, ...typed,
    opensAt: window ? new Date(window.opensAt) : null, closesAt: window ? new Date(window.closesAt) : null, version: tag + 1, eventVersion: version,
  });
}

async function adoptBodies(tx: EntityManager, { campaignId, steeringBodies }: CampaignFacts): Promise<void> {
  await tx.query('DELETE FROM campaign_steering_body WHERE campaign_id = $1', [campaignId]);
  await tx.query('INSERT INTO campaign_steering_body (campaign_id, steering_body_id) SELECT $1, * FROM unnest($2::uuid[])', [campaignId, steeringBodies.map(({ bodyId }) => bodyId)]);
}

const reasonOf = (fact: SaidFact): string | null => (isFact(fact, campaignDeadlineExtended) || isFact(fact, campaignSuspended) || isFact(fact, campaignCancelled) ? fact.data.reason : null);

/** What has happened does not happen again; what was planned then is planned. */
async function adoptSchedule(tx: EntityManager, campaign: Campaign, fact: SaidFact): Promise<void> {
  const { campaignId } = campaign;
  const fired = async (action: 'open' | 'close' | 'remind', hours: number | null): Promise<void> => {
    await tx.query(
      `UPDATE schedule SET state = 'fired', settled_at = $3 WHERE campaign_id = $1 AND action = $2 AND state = 'pending' AND ($4::integer IS NULL OR hours_before_closing = $4)`,
      [campaignId, action, fact.at, hours],
    );
  };
  // Reminders that were due before and were not said had lost their sense.
  const missed = async (): Promise<void> => {
    await tx.query(`UPDATE schedule SET state = 'missed', settled_at = $2 WHERE campaign_id = $1 AND action = 'remind' AND state = 'pending' AND due_at <= $2`, [campaignId, fact.at]);
  };
  if (isFact(fact, campaignOpened)) await fired('open', null);
  else if (isFact(fact, campaignClosed)) {
    await fired('close', null);
    await missed();
  } else if (isFact(fact, campaignReminderDue)) {
    await fired('remind', fact.data.hoursBeforeClosing);
    await missed();
  } else if (isFact(fact, campaignScheduled) || isFact(fact, campaignRescheduled) || isFact(fact, campaignDeadlineExtended)) await planSchedule(tx, campaign, fact.at);
  else if (isFact(fact, campaignUnscheduled) || isFact(fact, campaignCancelled)) await cancelSchedule(tx, campaignId, fact.at);
}
