import { createTestDatabase } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dataSourceOptions } from './data-source.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => { database = await createTestDatabase((url) => dataSourceOptions(url, 2)); });
afterAll(async () => { await database.drop(); });

/**
 * What TypeORM cannot model and therefore would drop: checks; indexes with a condition; uniqueness and foreign keys, which the
 * entities do not declare; an identity column that no entity reads.
 */
const beyondTypeOrm = [/DROP CONSTRAINT "[a-z_]+_(check|fkey|key)"/, /DROP INDEX "public"."[a-z_]+_idx"/, /ALTER TABLE "dispatch" DROP COLUMN "position"/];
/** Looked after by libs/messaging. */
const messaging = /"(outbox|inbox|dead_letter)[a-z_]*"/;

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
