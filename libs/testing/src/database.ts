import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { testServers } from './servers.js';

export interface TestDatabase {
  readonly url: string;
  /** Initialised and migrated. */
  readonly db: DataSource;
  drop(): Promise<void>;
}

async function asAdmin(sql: string): Promise<void> {
  const client = new Client({ connectionString: testServers().postgresAdminUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A database of this test file's own: files run in parallel and never truncate a table. */
export async function createTestDatabase(options: (url: string) => DataSourceOptions): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdmin(`CREATE DATABASE ${name}`);
  const url = new URL(testServers().postgresAdminUrl);
  url.pathname = `/${name}`;
  const db = await new DataSource(options(url.href)).initialize();
  await db.runMigrations({ transaction: 'all' });
  return {
    url: url.href,
    db,
    drop: async () => {
      if (db.isInitialized) await db.destroy();
      await asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** Moves the clock of one database: from now on `service_now()` is later by so many milliseconds, or starts from an instant and runs on. */
export async function shiftClock(db: DataSource, shift: { by: number } | { to: Date }): Promise<void> {
  const interval = 'by' in shift ? `interval '${shift.by} milliseconds'` : `(timestamptz '${shift.to.toISOString()}' - timestamptz '${(await realNow(db)).toISOString()}')`;
  await db.query(`CREATE OR REPLACE FUNCTION service_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT date_trunc('milliseconds', statement_timestamp() + ${interval}) $$`);
}

/** From now on `service_now()` always says this. */
export async function stopClock(db: DataSource, at: Date): Promise<void> {
  await db.query(`CREATE OR REPLACE FUNCTION service_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT timestamptz '${at.toISOString()}' $$`);
}

async function realNow(db: DataSource): Promise<Date> {
  const [row] = await db.query<{ now: Date }[]>('SELECT statement_timestamp() AS now');
  return row!.now;
}
