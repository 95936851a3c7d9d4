import { allEvents, envelopeSchema } from '@cahier/contracts';
import type { DataSource } from 'typeorm';
import type { Fact } from './republish.js';

const BATCH = 500;

/** What a service has said, in that order: for the `republish` of one that keeps its published rows. */
export async function* outboxFacts(db: DataSource): AsyncGenerator<Fact> {
  // Rows told again move to the end: without this bound they would be told for ever.
  const [{ end }] = await db.query<[{ end: string }]>('SELECT coalesce(max(position), 0) AS end FROM outbox');
  for (let after = '0'; ; ) {
    const rows: { position: string; envelope: string }[] = await db.query('SELECT position, envelope FROM outbox WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3', [after, end, BATCH]);
    if (rows.length === 0) return;
    for (const { envelope } of rows) yield factOf(envelope);
    after = rows.at(-1)!.position;
  }
}

function factOf(json: string): Fact {
  const { type, data, aggregateversion, time } = envelopeSchema.parse(JSON.parse(json));
  const contract = allEvents.find((event) => event.type === type);
  if (!contract) throw new Error(`The outbox holds a ${type}, which the contracts do not know`);
  return { contract, data, version: aggregateversion, at: new Date(time) };
}
