import pg from 'pg';
import QueryStream from 'pg-query-stream';
import type { Query } from '../projections/campaign.queries.js';

/** Rows fetched from the cursor at a time: their number bounds the memory of an export. */
const FETCH_ROWS = 200;

/** One state of the database, however long the reading takes. */
export interface Snapshot {
  readonly query: Query;
  /** Row by row, as fast as the reader takes them. */
  stream<Row>(sql: string, parameters: readonly unknown[]): AsyncIterable<Row>;
}

/** Runs `read` on one snapshot; nothing in it can write. */
export async function withSnapshot<Result>(databaseUrl: string, read: (snapshot: Snapshot) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'reporting-service report', connectionTimeoutMillis: 5_000 });
  // A lost connection fails the query in hand; without a listener the event would end the process first.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Nobody else waits for this connection: a long report is not a forgotten one.
    await client.query(`SET statement_timeout = 0; SET idle_in_transaction_session_timeout = '10min'; SET work_mem = '64MB'; SET TIME ZONE 'UTC'`);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return await read({
      query: async <Row>(sql: string, parameters: readonly unknown[]) => (await client.query(sql, [...parameters])).rows as Row[],
      stream: <Row>(sql: string, parameters: readonly unknown[]) => client.query(new QueryStream(sql, [...parameters], { batchSize: FETCH_ROWS, highWaterMark: FETCH_ROWS })) as AsyncIterable<Row>,
    });
  } finally {
    await client.end();
  }
}
