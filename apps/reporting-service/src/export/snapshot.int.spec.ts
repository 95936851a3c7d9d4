import { createTestDatabase } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataSourceOptions } from '../data-source.js';
import { withSnapshot } from './snapshot.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => { database = await createTestDatabase((url) => dataSourceOptions(url, 2)); });
afterAll(async () => { await database.drop(); });

describe('a snapshot', () => {
  it('does not see what others commit while it is read', async () => {
    const years = 'SELECT year FROM report_number ORDER BY year';
    await database.db.query('INSERT INTO report_number SELECT n, 0 FROM generate_series(1, 1000) AS n');
    await withSnapshot(database.url, async (snapshot) => {
      expect(await snapshot.query(years, [])).toHaveLength(1_000);
      let rows = 0;
      await database.db.query('INSERT INTO report_number VALUES (5000, 0)');
      for await (const batch of snapshot.copy(years, [])) rows += batch.length;
      expect(rows).toBe(1_000);
      expect(await snapshot.query(years, [])).toHaveLength(1_000);
    });
    expect(await database.db.query(years)).toHaveLength(1_001);
  });

  it('cannot write, and leaves no connection', async () => {
    await expect(withSnapshot(database.url, ({ query }) => query('DELETE FROM report_number', []))).rejects.toMatchObject({ code: '25006' });
    const open = await database.db.query<unknown[]>(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'reporting-service report' AND state <> 'idle'`);
    expect(open).toEqual([]);
  });
});
