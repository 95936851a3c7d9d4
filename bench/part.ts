import type { GoalId } from './goals.js';

/** What one part measured for one goal: of the paired rounds, in the goal's own unit. */
export interface Measured {
  readonly goal: GoalId;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
  /** One line for the table's reader: what was compared, with the absolute figures. */
  readonly note: string;
}

export interface BenchContext {
  /** Everything in three minutes: fewer and shorter rounds, the same comparisons. */
  readonly quick: boolean;
  /** At least five unless quick. */
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** One part of the suite: `npm run bench -- <name>`. Starts what it needs, stops it, and throws when rows stored ≠ replies 201. */
export interface Part {
  readonly name: string;
  readonly run: (context: BenchContext) => Promise<readonly Measured[]>;
}
