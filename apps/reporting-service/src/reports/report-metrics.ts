import type { Metrics } from '@cahier/platform';
import type { DataSource } from 'typeorm';

/** What an operator watches. Alert on `reports_mismatched` above 0: a projection that is not what was sealed. */
export class ReportMetrics {
  constructor(metrics: Metrics, db: DataSource) {
    metrics.gauge('reports', 'Reports by state', ['state'], async (gauge) => {
      gauge.reset();
      const rows = await db.query<{ state: string; count: number }[]>('SELECT state, count(*)::integer AS count FROM report GROUP BY state');
      for (const { state, count } of rows) gauge.set({ state }, count);
    });
    metrics.gauge('reports_mismatched', 'Closing reports whose contributions are not what was sealed', [], async (gauge) => {
      const [row] = await db.query<{ count: number }[]>(`SELECT count(*)::integer AS count FROM report WHERE state = 'mismatch'`);
      gauge.set(row!.count);
    });
    metrics.gauge('report_seal_wait_seconds', 'How long the oldest closing report has waited for what was sealed', [], async (gauge) => {
      const [row] = await db.query<{ seconds: number }[]>(`SELECT coalesce(extract(epoch FROM service_now() - min(requested_at)), 0)::float AS seconds FROM report WHERE state = 'awaiting'`);
      gauge.set(row!.seconds);
    });
  }
}
