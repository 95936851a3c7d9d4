import pg from 'pg';
import { to } from 'pg-copy-streams';
import type { Query } from '../projections/campaign.queries.js';
import { copiedLines } from './copied-lines.js';

/** One state of the database, however long the reading takes. */
export interface Snapshot {
  readonly query: Query;
  /**
   * Rows as lines (`valuesOf`), as they come and as fast as the reader takes them, on a connection of its own: queries go on beside it.
   * @param options.byIndex they come in an index's order and are not sorted: for a million texts that would go through the disk.
   */
  readonly copy: (sql: string, parameters: readonly string[], options?: { readonly byIndex: boolean }) => AsyncGenerator<string[], void, undefined>;
}

/** Runs `read` on one snapshot; nothing in it can write. */
export async function withSnapshot<Result>(databaseUrl: string, read: (snapshot: Snapshot) => Promise<Result>): Promise<Result> {
  const client = await begin(databaseUrl);
  try {
    const { rows: [exported] } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
    return await read({
      query: async <Row>(sql: string, parameters: readonly unknown[]) => (await client.query(sql, [...parameters])).rows as Row[],
      copy: (sql, parameters, { byIndex } = { byIndex: false }) => copy(databaseUrl, exported!.id, withLiterals(sql, parameters), byIndex),
    });
  } finally {
    await client.end();
  }
}

async function* copy(databaseUrl: string, snapshotId: string, sql: string, byIndex: boolean): AsyncGenerator<string[], void, undefined> {
  const client = await begin(databaseUrl);
  try {
    await client.query(`SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(snapshotId)}`);
    if (byIndex) await client.query('SET LOCAL enable_sort = off');
    yield* copiedLines(client.query(to(`COPY (${sql}) TO STDOUT`)));
  } finally {
    await client.end();
  }
}

async function begin(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'reporting-service report', connectionTimeoutMillis: 5_000 });
  // A lost connection fails the query in hand; without a listener the event would end the process first.
  client.on('error', () => undefined);
  await client.connect();
  // Nobody else waits for this connection: a long report is not a forgotten one.
  await client.query(`SET statement_timeout = 0; SET idle_in_transaction_session_timeout = '10min'; SET work_mem = '64MB'; SET TIME ZONE 'UTC'`);
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  return client;
}

/** COPY takes no parameters. */
function withLiterals(sql: string, parameters: readonly string[]): string {
  return sql.replace(/\$(\d+)/g, (_, n: string) => pg.escapeLiteral(parameters[Number(n) - 1]!));
}
