/** Of sending a batch and hearing of it, in milliseconds: below this, nobody was wronged. */
const PROMPT_MS = 250;

/**
 * Whether "too late" may be wrong. The clock that decides starts to run when the database takes the statement up; one that
 * was itself kept waiting (by a lock, a pause, a network) began later than the request was sent. Asked again, the request
 * has waited longer by as much, and is judged by the instant at which it really arrived.
 */
export function isDoubtful(verdict: { outcome: string; received_at: string; closes_at: string | null }, roundTripMs: number): boolean {
  if (verdict.outcome !== 'not-open' || verdict.closes_at === null || roundTripMs < PROMPT_MS) return false;
  const receivedAt = Date.parse(verdict.received_at);
  const closesAt = Date.parse(verdict.closes_at);
  return receivedAt >= closesAt && receivedAt - roundTripMs < closesAt;
}
