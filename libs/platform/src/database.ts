import { DataSource, type DataSourceOptions, type EntityManager } from 'typeorm';

type Entities = NonNullable<DataSourceOptions['entities']>;
type Migrations = NonNullable<DataSourceOptions['migrations']>;

/** Connection settings that every service shares. */
export function databaseOptions(settings: { url: string; pool: number; applicationName: string; entities: Entities; migrations: Migrations }): DataSourceOptions {
  return {
    type: 'postgres',
    url: settings.url,
    applicationName: settings.applicationName,
    poolSize: settings.pool,
    connectTimeoutMS: 5_000,
    entities: settings.entities,
    migrations: settings.migrations,
    migrationsTableName: 'migration',
    synchronize: false,
    // A statement that outlives its caller, or a transaction that somebody forgot, must not hold locks for ever.
    extra: { statement_timeout: 30_000, idle_in_transaction_session_timeout: 60_000, keepAlive: true },
  };
}

const MIGRATION_LOCK = 4_242_001;

/** Brings the schema up to date; replicas that start together do it one after the other. */
export async function migrate(options: DataSourceOptions): Promise<void> {
  const db = await new DataSource(options).initialize();
  const lock = db.createQueryRunner();
  try {
    await lock.query('SET statement_timeout = 0');
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await db.runMigrations({ transaction: 'all' });
  } finally {
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await lock.release();
    await db.destroy();
  }
}

/** The database's clock, in milliseconds: what decides. */
export async function serviceNow(tx: Pick<EntityManager, 'query'> | Pick<DataSource, 'query'>): Promise<Date> {
  const [row] = await tx.query<{ now: Date }[]>('SELECT service_now() AS now');
  return row!.now;
}

/** Settings of a PostgreSQL server without which an accepted contribution may vanish with the power. */
const DURABLE: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  full_page_writes: ['on'],
  synchronous_commit: ['on', 'remote_write', 'remote_apply'],
};

/** @throws Error naming the settings that are below the profile; a service then refuses to start. */
export async function assertDurability(db: Pick<DataSource, 'query'>, profile: 'test' | 'local' | 'production'): Promise<void> {
  if (profile === 'test') return;
  const rows = await db.query<{ name: string; setting: string }[]>('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [Object.keys(DURABLE)]);
  const weak = rows.filter(({ name, setting }) => !DURABLE[name]!.includes(setting));
  if (weak.length > 0) throw new Error(`PostgreSQL is not durable enough for the profile ${profile}: ${weak.map(({ name, setting }) => `${name}=${setting}`).join(', ')}`);
}
