/** Bounds of one goal; `better` says on which side of them it is good to be. */
export interface Goal {
  readonly what: string;
  readonly better: 'higher' | 'lower';
  /** Below (or above) this a change is refused. */
  readonly floor: number;
  readonly target: number;
  readonly unit: string;
}

/** The goals of docs/performance.md. */
export const goals = {
  P1: { what: 'intake throughput against R1 (Fastify + pg, one INSERT per request)', better: 'higher', floor: 1, target: 1.5, unit: '×' },
  P2: { what: 'intake throughput against R2 (Fastify + pg, micro-batched CTE)', better: 'higher', floor: 0.5, target: 0.7, unit: '×' },
  P3: { what: 'intake throughput against R0 (Nest, Express, ValidationPipe, TypeORM save × 2)', better: 'higher', floor: 8, target: 12, unit: '×' },
  P4: { what: 'CPU per accepted contribution, service and PostgreSQL, against R1', better: 'lower', floor: 1, target: 0.65, unit: '×' },
  P5: { what: 'WAL syncs per contribution at saturation', better: 'lower', floor: 0.15, target: 0.06, unit: '' },
  P6: { what: 'SQL statements per contribution at saturation', better: 'lower', floor: 0.25, target: 0.08, unit: '' },
} as const satisfies Record<string, Goal>;

export type GoalId = keyof typeof goals;
