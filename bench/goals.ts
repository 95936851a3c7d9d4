/** Bounds of one goal; `better` says on which side of them it is good to be. */
export interface Goal {
  readonly what: string;
  readonly better: 'higher' | 'lower';
  /** On the wrong side of this the run fails. */
  readonly floor: number;
  readonly target: number;
  readonly unit: '' | '×' | 'MiB' | 'ms' | 's';
  /** What is held against the floor: the best round where a busy machine can only slow things down, the median where it hardly matters. */
  readonly judge: 'best' | 'median';
}

const higher = (what: string, floor: number, target: number, unit: Goal['unit'] = '×', judge: Goal['judge'] = 'best'): Goal => ({ what, better: 'higher', floor, target, unit, judge });
const lower = (what: string, floor: number, target: number, unit: Goal['unit'] = '×', judge: Goal['judge'] = 'median'): Goal => ({ what, better: 'lower', floor, target, unit, judge });

/** The goals of docs/performance.md. */
export const goals = {
  P1: higher('intake throughput ÷ R1 (Fastify + pg, one INSERT per request)', 1, 1.5),
  P2: higher('intake throughput ÷ R2 (Fastify + pg, micro-batched)', 0.5, 0.7),
  P3: higher('intake throughput ÷ R0 (Nest, Express, TypeORM save × 2)', 8, 12),
  P4: lower('CPU per contribution, service + PostgreSQL, ÷ R1', 1, 0.65),
  P5: lower('WAL syncs per contribution at saturation', 0.15, 0.06, ''),
  P6: lower('SQL statements per contribution at saturation', 0.25, 0.08, ''),
  P7: lower('p99 from the intended start, at half of the most', 50, 25, 'ms', 'best'),
  P8: higher('goodput at twice the most ÷ the most', 0.8, 0.9),
  P8t: lower('p99 of those accepted at twice the most ÷ p99 at 80 % of it', 5, 3),
  P9: higher('rows inserted per second into a full table ÷ into an empty one', 0.8, 0.9),
  P10: lower('p99 from commit to projection, at half of the most', 2_000, 500, 'ms', 'best'),
  P11: higher('backlog projected per second ÷ intake at its most', 1.2, 2),
  P12: higher('events projected per second ÷ one event per transaction', 5, 10),
  P13: higher('mails per second, row to row ÷ a raw nodemailer pool', 0.7, 1.8),
  P14: lower('Redis memory during a launch to a million', 100, 20, 'MiB'),
  P15: higher('rows per second of a report’s table, hashed and read back ÷ COPY to a file', 0.35, 0.7, '×', 'median'),
  P15w: higher('rows per second of a whole report ÷ COPY of one table to a file', 0.35, 0.7, '×', 'median'),
  P16: lower('peak memory of a report, ten times the rows ÷ once', 1.25, 1.1),
  P17: lower('growth of resident memory over a million requests', 20, 5, 'MiB'),
  P18: higher('intake while a report is made and a launch is mailed ÷ alone', 0.6, 0.8),
  P19: lower('from PostgreSQL back to the first 201', 5, 2, 's', 'best'),
} as const satisfies Record<string, Goal>;

export type GoalId = keyof typeof goals;
