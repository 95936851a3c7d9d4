import type { DataSource } from 'typeorm';
import type { Verdict } from './dispatch.policy.js';

/** A row as it was read: whoever changes it first raises its number of attempts. */
export interface Attempt {
  readonly dispatchId: string;
  /** Made before this one. */
  readonly attempts: number;
}

export interface Ending extends Attempt {
  readonly verdict: Verdict;
}

/**
 * One round trip for all that happened to many mails. Those that begin are claimed: only one process does so, and only for who may still be
 * told; what another process holds is passed over rather than waited for. Those that end, or are still under way, must be of the attempt that
 * began. A row stands in one of the three lists only.
 */
const ADVANCE = `
  WITH ended AS (
    UPDATE dispatch AS d SET
      state = e.state, cause = e.cause, settled_at = CASE WHEN e.state <> 'pending' THEN service_now() END,
      next_attempt_at = service_now() + e.pause_ms * interval '1 millisecond', attempts = d.attempts - e.uncounted,
      queued_at = CASE WHEN e.state <> 'pending' THEN d.queued_at END, claimed_at = CASE WHEN e.state <> 'pending' THEN d.claimed_at END
    FROM jsonb_to_recordset($1::jsonb) AS e (dispatch_id uuid, attempts integer, state text, cause text, pause_ms bigint, uncounted integer)
    WHERE d.dispatch_id = e.dispatch_id AND d.state = 'sending' AND d.attempts = e.attempts + 1
  ), renewed AS (
    UPDATE dispatch AS d SET claimed_at = service_now()
    FROM jsonb_to_recordset($2::jsonb) AS r (dispatch_id uuid, attempts integer)
    WHERE d.dispatch_id = r.dispatch_id AND d.state = 'sending' AND d.attempts = r.attempts + 1
  ), free AS (
    SELECT d.dispatch_id, CASE
        WHEN EXISTS (SELECT FROM suppression AS s WHERE s.recipient = d.recipient) THEN 'suppressed'
        WHEN EXISTS (SELECT FROM subscription AS s WHERE s.subscription_id = d.subscription_id AND (s.state = 'unsubscribed' OR (s.state = 'confirmed' AND NOT s.kinds ? d.kind))) THEN 'unsubscribed'
        ELSE 'sending' END AS state
    FROM dispatch AS d JOIN jsonb_to_recordset($3::jsonb) AS b (dispatch_id uuid, attempts integer) ON d.dispatch_id = b.dispatch_id AND d.attempts = b.attempts
    WHERE d.state = 'pending' AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= service_now())
    FOR UPDATE OF d SKIP LOCKED
  )
  UPDATE dispatch AS d SET
    state = free.state, attempts = d.attempts + 1, claimed_at = service_now(), settled_at = CASE WHEN free.state <> 'sending' THEN service_now() END
  FROM free WHERE d.dispatch_id = free.dispatch_id
  RETURNING d.dispatch_id AS "dispatchId", d.state`;

/** @returns the ids of those that are to be sent now. */
export async function advanceDispatches(db: DataSource, ends: readonly Ending[], renewals: readonly Attempt[], begins: readonly Attempt[]): Promise<Set<string>> {
  const [claimed] = await db.query<[{ dispatchId: string; state: string }[], number]>(ADVANCE, [
    JSON.stringify(ends.map(({ verdict, ...attempt }) => ({
      ...idOf(attempt),
      state: verdict.state,
      cause: 'cause' in verdict ? verdict.cause : null,
      pause_ms: verdict.state === 'pending' ? Math.round(verdict.pauseMs) : null,
      uncounted: verdict.state === 'pending' && !verdict.counted ? 1 : 0,
    }))),
    JSON.stringify(renewals.map(idOf)),
    JSON.stringify(begins.map(idOf)),
  ]);
  return new Set(claimed.filter(({ state }) => state === 'sending').map(({ dispatchId }) => dispatchId));
}

const idOf = ({ dispatchId, attempts }: Attempt): { dispatch_id: string; attempts: number } => ({ dispatch_id: dispatchId, attempts });
