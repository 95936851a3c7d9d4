/** What contribution-service counted when nothing more could come. */
export interface Seal {
  readonly accepted: number;
  readonly withdrawn: number;
  readonly digest: string;
}

/** What the projection holds of the same campaign. */
export type Tally = Pick<Seal, 'accepted' | 'withdrawn'>;

/**
 * How many facts the projection still has to hear of: contributions, and withdrawals of those it knows.
 * Negative when it holds more than was ever accepted, which waiting cannot mend.
 */
export function missingFrom(seal: Seal, held: Tally): number {
  const contributions = seal.accepted - held.accepted;
  const withdrawals = seal.withdrawn - held.withdrawn;
  if (contributions < 0 || (contributions === 0 && withdrawals < 0)) return Math.min(contributions, withdrawals);
  // Withdrawals may be ahead of the filings they belong to.
  return contributions + Math.max(withdrawals, 0);
}

/** In words for staff. */
export function mismatchCause(seal: Seal, held: Tally): string {
  if (held.accepted > seal.accepted) return `La projection a ${held.accepted} contributions, le scellé ${seal.accepted}. The projection has ${held.accepted} contributions, the seal ${seal.accepted}.`;
  if (held.withdrawn > seal.withdrawn) return `La projection a ${held.withdrawn} retraits, le scellé ${seal.withdrawn}. The projection has ${held.withdrawn} withdrawals, the seal ${seal.withdrawn}.`;
  return `Même nombre de contributions (${seal.accepted}), autre empreinte que le scellé. Same number of contributions (${seal.accepted}), other digest than the seal.`;
}
