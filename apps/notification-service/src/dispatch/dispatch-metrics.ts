import { Metrics } from '@cahier/platform';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Rows that are not finished, and those that wait for an operator: what an alert asks. */
@Injectable()
export class DispatchMetrics implements OnApplicationBootstrap {
  constructor(private readonly metrics: Metrics, private readonly db: DataSource) {}

  onApplicationBootstrap(): void {
    this.metrics.gauge('dispatch_rows', 'Mails that are not finished, and those of unknown fate, by lane and state', ['lane', 'state'], async (gauge) => {
      gauge.reset();
      const rows = await this.db.query<{ lane: string; state: string; n: number }[]>(
        `SELECT lane, state, count(*)::integer AS n FROM dispatch WHERE state IN ('pending', 'sending', 'indeterminate', 'failed') AND decision IS DISTINCT FROM 'leave' GROUP BY lane, state`,
      );
      for (const { lane, state, n } of rows) gauge.set({ lane, state }, n);
    });
  }
}
