import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSourceOptions } from 'typeorm';
import { createTestDatabase, type TestDatabase } from './database.js';

/** Looked after by libs/messaging. */
const messaging = /"(outbox|inbox|dead_letter)[a-z_]*"/;

/**
 * The tests of a service's spec that its migrations make what its entities say, and can be taken back.
 * @param beyondTypeOrm statements of what TypeORM cannot model and therefore would drop or rename.
 */
export function testSchema(options: (url: string) => DataSourceOptions, beyondTypeOrm: readonly RegExp[]): void {
  let database: TestDatabase;
  beforeAll(async () => { database = await createTestDatabase(options); });
  afterAll(async () => { await database.drop(); });

  describe('the schema', () => {
    it('is what the entities say', async () => {
      const { upQueries } = await database.db.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query).filter((query) => ![...beyondTypeOrm, messaging].some((known) => known.test(query)))).toEqual([]);
    });

    it('can be taken back and made again', async () => {
      for (const _ of database.db.migrations) await database.db.undoLastMigration();
      expect(await database.db.query(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND relname NOT LIKE 'migration%'`)).toEqual([]);
      await database.db.runMigrations();
    });
  });
}
