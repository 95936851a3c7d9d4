import { createTestDatabase, shiftClock, stopClock, type TestDatabase } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { assertDurability, databaseOptions, isTransient, isUnavailable, migrate, platformMigrations, serviceNow } from './index.js';

const optionsOf = (url: string, migrations = platformMigrations as (new () => MigrationInterface)[]) => databaseOptions({ url, pool: 3, applicationName: 'test', entities: [], migrations });

let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase((url) => optionsOf(url)); });
afterAll(() => database.drop());

describe('the clock of a database', () => {
  it('tells the instant of the statement to the millisecond, also in SQL', async () => {
    const [row] = await database.db.query<{ exact: boolean; real: boolean }[]>(`SELECT service_now() = date_trunc('milliseconds', service_now()) AS exact, service_now() = date_trunc('milliseconds', statement_timestamp()) AS real`);
    expect(row).toEqual({ exact: true, real: true });
    expect(await serviceNow(database.db)).toBeInstanceOf(Date);
  });

  it('can be moved in a test, or stopped', async () => {
    const before = await serviceNow(database.db);
    await shiftClock(database.db, { by: 3_600_000 });
    expect((await serviceNow(database.db)).getTime() - before.getTime()).toBeGreaterThanOrEqual(3_600_000);
    await shiftClock(database.db, { to: new Date('2030-01-01T00:00:00.000Z') });
    expect((await serviceNow(database.db)).toISOString()).toMatch(/^2030-01-01T00:0/);
    await stopClock(database.db, new Date('2031-01-01T12:00:00.123Z'));
    expect((await serviceNow(database.db)).toISOString()).toBe('2031-01-01T12:00:00.123Z');
  });
});

class CreateThing1800000000000 implements MigrationInterface {
  readonly name = 'CreateThing1800000000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE thing (id integer)');
    await runner.query('SELECT pg_sleep(0.2)');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE thing');
  }
}

it('migrates once when replicas start together', async () => {
  const options = optionsOf(database.url, [...platformMigrations, CreateThing1800000000000]);
  await Promise.all([migrate(options), migrate(options), migrate(options)]);
  expect(await database.db.query(`SELECT name FROM migration WHERE name LIKE 'CreateThing%'`)).toHaveLength(1);
});

describe('durability', () => {
  // Another database of the same server may not change these: a session may.
  const withSetting = async (statement: string, profile: 'test' | 'local' | 'production'): Promise<void> => {
    const runner = database.db.createQueryRunner();
    try {
      await runner.query(statement);
      await assertDurability(runner as never, profile);
    } finally {
      await runner.query('RESET ALL');
      await runner.release();
    }
  };

  it.each(['local', 'production'] as const)('below the profile %s is refused by name', async (profile) => {
    await expect(withSetting('SET synchronous_commit = off', profile)).rejects.toThrow(/synchronous_commit=off/);
  });

  it('is not asked of a test', async () => {
    await expect(withSetting('SET synchronous_commit = off', 'test')).resolves.toBeUndefined();
  });
});

describe('errors of a real server', () => {
  const errorOf = async (work: Promise<unknown>): Promise<unknown> => work.then(() => 'no error', (error: unknown) => error);

  it('say neither for a fault of ours', async () => {
    const fault = await errorOf(database.db.query('SELECT * FROM nothing_of_this_name'));
    expect([isUnavailable(fault), isTransient(fault)]).toEqual([false, false]);
  });

  it('say transient for a deadlock', async () => {
    await database.db.query('CREATE TABLE pair (id integer PRIMARY KEY, n integer)');
    await database.db.query('INSERT INTO pair VALUES (1, 0), (2, 0)');
    let waiting = 2;
    let bothHaveOne!: () => void;
    const both = new Promise<void>((resolve) => { bothHaveOne = resolve; });
    const crossing = (first: number, second: number) => database.db.transaction(async (tx) => {
      await tx.query('UPDATE pair SET n = n + 1 WHERE id = $1', [first]);
      if (--waiting === 0) bothHaveOne();
      await both;
      await tx.query('UPDATE pair SET n = n + 1 WHERE id = $1', [second]);
    });
    const outcomes = await Promise.allSettled([crossing(1, 2), crossing(2, 1)]);
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? isTransient(outcome.reason) : 'committed')).sort()).toEqual(['committed', true]);
  });

  it('say unavailable when nobody listens and when it ends the connection', async () => {
    expect(isUnavailable(await errorOf(new DataSource(optionsOf('postgres://x@127.0.0.1:9/x')).initialize()))).toBe(true);
    expect(isUnavailable(await errorOf(database.db.query('SELECT pg_terminate_backend(pg_backend_pid())')))).toBe(true);
  });
});
