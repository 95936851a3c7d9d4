import type { Clock } from '@cahier/platform';

/** A process clock that stands still. */
export const fixedClock = (at: Date): Clock => ({ now: () => at });
