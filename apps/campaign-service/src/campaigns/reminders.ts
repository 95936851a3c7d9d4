const HOUR_MS = 3_600_000;

/** When each reminder is due, once each. */
export const reminderInstants = (hours: readonly number[], closesAt: Date): { hours: number; due: Date }[] =>
  [...new Set(hours)].map((before) => ({ hours: before, due: new Date(closesAt.getTime() - before * HOUR_MS) }));
