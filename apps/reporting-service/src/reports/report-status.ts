import type { Status } from '@cahier/platform';
import type { DataSource } from 'typeorm';

/** Reports that are not made yet, and those that will not be without somebody. */
export class ReportStatus {
  constructor(status: Status, db: DataSource) {
    for (const state of ['awaiting', 'queued', 'running', 'mismatch', 'failed']) {
      status.add(`reports-${state}`, async () => {
        const [row] = await db.query<[{ count: number }]>('SELECT count(*)::integer AS count FROM report WHERE state = $1', [state]);
        return row.count;
      });
    }
  }
}
