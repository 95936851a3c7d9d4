import pg from 'pg';

export interface Database {
  readonly url: string;
  readonly db: pg.Client;
}

/** An empty database of its own on the bench's server. */
export async function createDatabase(adminUrl: string, name: string): Promise<Database> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE "${name}"`);
  } finally {
    await admin.end();
  }
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const db = new pg.Client({ connectionString: url.href });
  await db.connect();
  // The server is killed in some parts, and stopped at the end: what happened before matters, not that.
  db.on('error', () => undefined);
  await db.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  return { url: url.href, db };
}
