/** Of an even number of values the mean of the two in the middle. @throws Error for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('No values');
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(values.length - 1) >> 1]! + sorted[values.length >> 1]!) / 2;
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
