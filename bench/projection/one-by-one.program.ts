import pg from 'pg';

/**
 * The reference for projections: one event, one transaction, as a handler per message leads to: inbox row, the same upsert,
 * commit. It has the events in memory; reading Kafka costs it nothing.
 * Takes { databaseUrl, events, statement } as its message and answers with the seconds.
 */
interface Order {
  readonly databaseUrl: string;
  readonly statement: string;
  readonly events: readonly { readonly id: string; readonly row: object }[];
}

process.once('message', ({ databaseUrl, statement, events }: Order) => {
  void project(databaseUrl, statement, events).then((seconds) => process.send!(seconds));
});

async function project(databaseUrl: string, statement: string, events: Order['events']): Promise<number> {
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  const started = performance.now();
  for (const { id, row } of events) {
    await db.query('BEGIN');
    const { rowCount } = await db.query({ name: 'inbox', text: 'INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING', values: [id] });
    if (rowCount === 1) await db.query({ name: 'upsert', text: statement, values: [JSON.stringify([row])] });
    await db.query('COMMIT');
  }
  const seconds = (performance.now() - started) / 1_000;
  await db.end();
  return seconds;
}
