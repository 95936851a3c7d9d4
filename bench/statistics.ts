/** @throws Error for no values. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[values.length >> 1];
  if (middle === undefined) throw new Error('No values');
  return middle;
}

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

export function summary(values: readonly number[]): Summary {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), rounds: values.length };
}

/** Round by round: what a busy machine slows, it slows on both sides. */
export function paired<R>(mine: readonly R[], theirs: readonly R[], of: (round: R) => number): Summary {
  return summary(mine.map((round, n) => of(round) / of(theirs[n]!)));
}
