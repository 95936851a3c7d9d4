import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { append, campaign, consumerOf, database, opened, topic } from '../harness.spec.js';
import { Housekeeping } from './housekeeping.js';

let test: Awaited<ReturnType<typeof database>>;
beforeAll(async () => {
  test = await database();
});
afterAll(() => test.drop());

const count = async (table: string) => (await test.db.query(`SELECT 1 FROM ${table}`)).length as number;

describe('housekeeping', () => {
  it('removes what Kafka has dropped too, and nothing that still waits to be published', async () => {
    const { consumer } = consumerOf(test.db);
    await consumer.receive(topic, [opened(campaign()), opened(campaign()), opened(campaign())]);
    const [gone, kept] = await test.db.query<{ event_id: string }[]>('SELECT event_id FROM inbox');
    await test.db.query(`UPDATE inbox SET received_at = now() - interval '16 days' WHERE event_id = $1`, [gone!.event_id]);
    await test.db.query(`UPDATE inbox SET received_at = now() - interval '14 days' WHERE event_id = $1`, [kept!.event_id]);
    for (let i = 0; i < 4; i++) await append(test.db, campaign());
    const [old, recent, waiting] = await test.db.query<{ position: string }[]>('SELECT position FROM outbox ORDER BY position');
    await test.db.query(`UPDATE outbox SET published_at = now() - interval '8 days' WHERE position = $1`, [old!.position]);
    await test.db.query(`UPDATE outbox SET published_at = now() - interval '6 days' WHERE position = $1`, [recent!.position]);
    await test.db.query(`UPDATE outbox SET created_at = now() - interval '80 days' WHERE position = $1`, [waiting!.position]);

    expect(await new Housekeeping(test.db, true).tidy()).toBe(1);
    expect([await count('inbox'), await count('outbox')]).toEqual([2, 4]);

    expect(await new Housekeeping(test.db, false).tidy()).toBe(1);
    expect(await count('outbox')).toBe(3);
    expect(await test.db.query('SELECT 1 FROM outbox WHERE position = $1', [old!.position])).toEqual([]);
  });
});
