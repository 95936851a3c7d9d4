import type { Metrics } from '@cahier/platform';
import type { DataSource } from 'typeorm';
import type { Outcome } from '../export/report-order.js';
import type { Report } from './report.entity.js';

/** What an operator watches of the reports. */
export class ReportMetrics {
  private readonly making;
  private readonly delays;

  constructor(metrics: Metrics, db: DataSource) {
    this.making = metrics.histogram('cahier_report_making_seconds', 'Making the files of one report, by how it ended.', ['outcome'], [1, 2, 5, 10, 30, 60, 120, 300, 600]);
    // From the beginning: what appears with its first failure has no rate.
    for (const outcome of ['made', 'mismatch', 'failed', 'released', 'postponed', 'interrupted'] satisfies Outcome['outcome'][]) this.making.zero({ outcome });
    this.delays = metrics.histogram('cahier_report_delay_seconds', 'From the closing of a campaign until its first closing report was published.', [], [30, 60, 120, 300, 600, 1_200, 3_600, 14_400]);
    metrics.gauge('cahier_reports', 'Reports by state. A mismatch is a projection that is not what was sealed.', ['state'], async (gauge) => {
      const rows = await db.query<{ state: string; count: number }[]>('SELECT state, count(*)::integer AS count FROM report GROUP BY state');
      for (const { state, count } of rows) gauge.set({ state }, count);
    });
    metrics.gauge('cahier_report_wait_seconds', 'Since the oldest report that is not made was ordered; 0 when there is none.', [], async (gauge) => {
      const [row] = await db.query<[{ seconds: number }]>(`SELECT coalesce(extract(epoch FROM service_now() - min(requested_at)), 0)::float AS seconds FROM report WHERE state IN ('awaiting', 'queued', 'running')`);
      gauge.set(row.seconds);
    });
  }

  made({ kind, version, cutoff, publishedAt }: Pick<Report, 'kind' | 'version' | 'cutoff' | 'publishedAt'>, outcome: Outcome['outcome'], seconds: number): void {
    this.making.observe({ outcome }, seconds);
    if (publishedAt !== null && kind === 'closing' && version === 1) this.delays.observe((publishedAt.getTime() - cutoff.getTime()) / 1_000);
  }
}
