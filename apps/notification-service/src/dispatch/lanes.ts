import type { DispatchState, MailingKind } from '@cahier/contracts';

/** Queues of their own, so that a receipt never waits behind an announcement. */
export const LANES = ['receipts', 'transactional', 'bulk'] as const;
export type Lane = (typeof LANES)[number];

export const laneOf = (kind: MailingKind): Lane => {
  switch (kind) {
    case 'receipt':
    case 'withdrawal':
    case 'moderation':
      return 'receipts';
    case 'confirmation':
    case 'report':
      return 'transactional';
    default:
      return 'bulk';
  }
};

/** Of these something more happens by itself; of the others nothing does. */
export const OPEN: readonly DispatchState[] = ['pending', 'sending'];
