import type { ClientBase } from 'pg';
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
 * began. A row stands in one of the three lists only: $2 ends, $3 renewals, $5 begins, as JSON; $1 and $4 are their ids.
 *
 * Rows are found by their ids alone, in steps of their own: beside a condition on the state the planner may read all that is pending.
 */
const advance = {
  name: 'advance-dispatches',
  text: `
WITH own AS MATERIALIZED (
  SELECT dispatch_id, attempts, state FROM dispatch WHERE dispatch_id = ANY ($1::uuid[]) FOR UPDATE
), ended AS (
  UPDATE dispatch AS d SET
    state = e.state, cause = e.cause, settled_at = CASE WHEN e.state <> 'pending' THEN service_now() END,
    next_attempt_at = service_now() + e.pause_ms * interval '1 millisecond', attempts = d.attempts - e.uncounted,
    queued_at = CASE WHEN e.state <> 'pending' THEN d.queued_at END, claimed_at = CASE WHEN e.state <> 'pending' THEN d.claimed_at END
  FROM own JOIN jsonb_to_recordset($2::jsonb) AS e (dispatch_id uuid, attempts integer, state text, cause text, pause_ms bigint, uncounted integer) USING (dispatch_id)
  WHERE d.dispatch_id = own.dispatch_id AND own.state = 'sending' AND own.attempts = e.attempts + 1
), renewed AS (
  UPDATE dispatch AS d SET claimed_at = service_now()
  FROM own JOIN jsonb_to_recordset($3::jsonb) AS r (dispatch_id uuid, attempts integer) USING (dispatch_id)
  WHERE d.dispatch_id = own.dispatch_id AND own.state = 'sending' AND own.attempts = r.attempts + 1
), free AS MATERIALIZED (
  SELECT dispatch_id, attempts, state, next_attempt_at, recipient, kind, subscription_id FROM dispatch WHERE dispatch_id = ANY ($4::uuid[]) FOR UPDATE SKIP LOCKED
), begun AS MATERIALIZED (
  SELECT dispatch_id, CASE
      WHEN EXISTS (SELECT FROM suppression AS s WHERE s.recipient = free.recipient) THEN 'suppressed'
      WHEN EXISTS (SELECT FROM subscription AS s WHERE s.subscription_id = free.subscription_id AND (s.state = 'unsubscribed' OR (s.state = 'confirmed' AND NOT s.kinds ? free.kind))) THEN 'unsubscribed'
      ELSE 'sending' END AS state
  FROM free JOIN jsonb_to_recordset($5::jsonb) AS b (dispatch_id uuid, attempts integer) USING (dispatch_id)
  WHERE free.state = 'pending' AND free.attempts = b.attempts AND (next_attempt_at IS NULL OR next_attempt_at <= service_now())
)
UPDATE dispatch AS d SET
  state = begun.state, attempts = d.attempts + 1, claimed_at = service_now(), settled_at = CASE WHEN begun.state <> 'sending' THEN service_now() END
FROM begun WHERE d.dispatch_id = begun.dispatch_id
RETURNING d.dispatch_id AS "dispatchId", d.state`,
};

/** @returns the ids of those that are to be sent now. */
export async function advanceDispatches(client: Pick<ClientBase, 'query'>, ends: readonly Ending[], renewals: readonly Attempt[], begins: readonly Attempt[]): Promise<Set<string>> {
  const values = [
    [...ends, ...renewals].map(({ dispatchId }) => dispatchId),
    JSON.stringify(ends.map(({ verdict, ...attempt }) => ({
      ...keyOf(attempt),
      state: verdict.state,
      cause: 'cause' in verdict ? verdict.cause : null,
      pause_ms: verdict.state === 'pending' ? Math.round(verdict.pauseMs) : null,
      uncounted: verdict.state === 'pending' && !verdict.counted ? 1 : 0,
    }))),
    JSON.stringify(renewals.map(keyOf)),
    begins.map(({ dispatchId }) => dispatchId),
    JSON.stringify(begins.map(keyOf)),
  ];
  const { rows } = await client.query<{ dispatchId: string; state: string }>({ ...advance, values });
  return new Set(rows.filter(({ state }) => state === 'sending').map(({ dispatchId }) => dispatchId));
}

const keyOf = ({ dispatchId, attempts }: Attempt): { dispatch_id: string; attempts: number } => ({ dispatch_id: dispatchId, attempts });
