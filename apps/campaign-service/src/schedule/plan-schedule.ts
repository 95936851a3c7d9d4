import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { reminderInstants } from '../campaigns/reminders.js';

/** What will happen to the campaign, from its dates; what was planned before and is still to come is cancelled. */
export async function planSchedule(tx: EntityManager, campaign: { campaignId: string; state: string; opensAt: Date | null; closesAt: Date | null; reminderHours: readonly number[] }, at: Date): Promise<void> {
  await cancelSchedule(tx, campaign.campaignId, at);
  const { campaignId, opensAt, closesAt } = campaign;
  if (!opensAt || !closesAt) return;
  const reminders = reminderInstants(campaign.reminderHours, closesAt)
    // After an extension: a moment that has passed comes no more.
    .filter(({ due }) => due > opensAt && due > at)
    .map((reminder) => ({ action: 'remind', ...reminder }));
  const entries = [...(campaign.state === 'scheduled' ? [{ action: 'open', due: opensAt, hours: null }] : []), ...reminders, { action: 'close', due: closesAt, hours: null }];
  for (const { action, due, hours } of entries) {
    await tx.query(
      `INSERT INTO schedule (schedule_id, campaign_id, action, due_at, hours_before_closing, state) VALUES ($1, $2, $3, $4, $5, 'pending')
       ON CONFLICT (campaign_id, action, due_at) WHERE state <> 'cancelled' DO NOTHING`,
      [randomUUID(), campaignId, action, due, hours],
    );
  }
}

export async function cancelSchedule(tx: EntityManager, campaignId: string, at: Date): Promise<void> {
  await tx.query(`UPDATE schedule SET state = 'cancelled', settled_at = $2 WHERE campaign_id = $1 AND state = 'pending'`, [campaignId, at]);
}
