import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, type MetricObject, Registry } from 'prom-client';

/** What every Node.js process tells; named by prom-client. */
const OF_THE_PROCESS = /^(process|nodejs)_/;

/** A `Pool` of pg, as far as it is measured. */
export interface ConnectionPool {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Prometheus metrics of one application. Names end in their unit; labels have few values and never personal data. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  private readonly pools = new Map<string, () => ConnectionPool | undefined>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.gauge('cahier_database_pool_connections', 'Connections to PostgreSQL, by pool and by whether they are at work.', ['pool', 'state'], (gauge) => {
      for (const [pool, find] of this.pools) {
        const { totalCount = 0, idleCount = 0 } = find() ?? {};
        gauge.set({ pool, state: 'idle' }, idleCount);
        gauge.set({ pool, state: 'busy' }, totalCount - idleCount);
      }
    });
    this.gauge('cahier_database_pool_waiting_requests', 'Pieces of work that wait for a connection to PostgreSQL.', ['pool'], (gauge) => {
      for (const [pool, find] of this.pools) gauge.set({ pool }, find()?.waitingCount ?? 0);
    });
  }

  /** @param find asked at each scrape; undefined before the first connection. */
  watchPool(name: string, find: () => ConnectionPool | undefined): void {
    this.pools.set(name, find);
  }

  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return (this.registry.getSingleMetric(name) as Counter<L> | undefined) ?? new Counter<L>({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  /** @param collect called at each scrape, to set the gauge. When it fails, as while the database is away, the gauge is not told, and the others are. */
  gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = [], collect?: (gauge: Gauge<L>) => void | Promise<void>): Gauge<L> {
    const existing = this.registry.getSingleMetric(name) as Gauge<L> | undefined;
    if (existing) return existing;
    return new Gauge<L>({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      ...(collect && {
        async collect(this: Gauge<L>) {
          this.reset();
          try {
            await collect(this);
          } catch {
            // Readiness and the log say what is away. A gauge without labels must not stand at 0, as if all were well.
            this.reset();
            if (labelNames.length === 0) this.set(NaN);
          }
        },
      }),
    });
  }

  histogram<L extends string>(name: string, help: string, labelNames: readonly L[] = [], buckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5]): Histogram<L> {
    return (this.registry.getSingleMetric(name) as Histogram<L> | undefined) ?? new Histogram<L>({ name, help, labelNames: [...labelNames], buckets: [...buckets], registers: [this.registry] });
  }

  /** A Markdown table of what this application adds to the metrics of every Node.js process. */
  documentation(): string {
    const described = this.registry.getMetricsAsArray() as (MetricObject & { readonly labelNames: readonly string[] })[];
    const rows = described.filter(({ name }) => !OF_THE_PROCESS.test(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, type, labelNames, help }) => `| \`${name}\` | ${type} | ${labelNames.join(', ')} | ${help} |`);
    return ['| metric | type | labels | what |', '| --- | --- | --- | --- |', ...rows].join('\n');
  }
}
