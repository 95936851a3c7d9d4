import pg from 'pg';
import { to } from 'pg-copy-streams';
import type { Query } from '../projections/campaign.queries.js';
import { copiedRows } from './copied-rows.js';

/** One state of the database, however long the reading takes. */
export interface Snapshot {
  readonly query: Query;
  /**
   * Every value as PostgreSQL's text, in the order of the columns; rows as they come, as fast as the reader takes them.
   * On a connection of its own: queries go on beside it.
   */
  copy(sql: string, parameters: readonly string[]): AsyncIterable<(string | null)[][]>;
}

/** Runs `read` on one snapshot; nothing in it can write. */
export async function withSnapshot<Result>(databaseUrl: string, read: (snapshot: Snapshot) => Promise<Result>): Promise<Result> {
  const client = await begin(databaseUrl);
  try {
    const { rows: [exported] } = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
    return await read({
      query: async <Row>(sql: string, parameters: readonly unknown[]) => (await client.query(sql, [...parameters])).rows as Row[],
      copy: (sql, parameters) => copy(databaseUrl, exported!.id, withLiterals(sql, parameters)),
    });
  } finally {
    await client.end();
  }
}

async function* copy(databaseUrl: string, snapshotId: string, sql: string): AsyncGenerator<(string | null)[][]> {
  const client = await begin(databaseUrl);
  try {
    await client.query(`SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(snapshotId)}`);
    // Rows in the order of an index, merged with what is joined to them. The planner would rather hash all texts and then sort
    // them: for a million rows both go through the disk, and the first row comes last.
    await client.query('SET LOCAL enable_hashjoin = off');
    yield* copiedRows(client.query(to(`COPY (${sql}) TO STDOUT`)));
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
