import type { EntityManager } from 'typeorm';
import type { StaffMember } from '../staff.js';
import { currentTraceparent, traceId } from '../trace.js';

/** What was done. Why stands with the thing itself: the audit trail holds no free text and no personal data but the subject. */
export interface StaffAction {
  /** `<aggregate>.<verb>`, such as `campaign.schedule`. */
  readonly action: `${string}.${string}`;
  /** Id of what it was done to; absent for the service as a whole. */
  readonly targetId?: string;
  /** Where it concerns one. */
  readonly campaignId?: string;
}

/** Who acts: the subject of the access token. */
export type Actor = Pick<StaffMember, 'subject'>;

/** Adds a line to the audit trail, in the transaction of the action: both or neither. */
export async function recordStaffAction(tx: Pick<EntityManager, 'query'>, by: Actor, { action, targetId, campaignId }: StaffAction): Promise<void> {
  const traceparent = currentTraceparent();
  await tx.query('INSERT INTO staff_action (subject, action, target_id, campaign_id, trace_id) VALUES ($1, $2, $3, $4, $5)', [by.subject, action, targetId ?? null, campaignId ?? null, traceparent === undefined ? null : traceId(traceparent)]);
}
