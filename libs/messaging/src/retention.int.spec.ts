import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { append, campaign, consumerOf, database, opened, topic } from './harness.spec.js';
import { messagingRetention } from './retention.js';

let test: Awaited<ReturnType<typeof database>>;
beforeAll(async () => {
  test = await database();
});
afterAll(() => test.drop());

const count = async (table: string) => (await test.db.query(`SELECT 1 FROM ${table}`)).length as number;

const apply = async (keepPublished: boolean) => {
  const removed: Record<string, number> = {};
  for (const rule of messagingRetention({ keepPublished })) removed[rule.name] = await rule.apply(test.db);
  return removed;
};

describe('retention', () => {
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

    expect(await apply(true)).toEqual({ 'inbox': 1, 'settled-dead-letters': 0 });
    expect([await count('inbox'), await count('outbox')]).toEqual([2, 4]);

    expect(await apply(false)).toEqual({ 'inbox': 0, 'settled-dead-letters': 0, 'outbox': 1 });
    expect(await count('outbox')).toBe(3);
    expect(await test.db.query('SELECT 1 FROM outbox WHERE position = $1', [old!.position])).toEqual([]);
  });

  it('forgets the message of a dead letter a month after it was settled, and nothing else of it', async () => {
    const { consumer } = consumerOf(test.db);
    await consumer.receive(topic, ['one', 'two', 'three']);
    const [open, recent, old] = await test.db.query<{ id: string }[]>('SELECT id FROM dead_letter');
    await test.db.query(`UPDATE dead_letter SET failed_at = now() - interval '90 days' WHERE id = $1`, [open!.id]);
    await test.db.query(`UPDATE dead_letter SET state = 'replayed', settled_by = 'op', settled_at = now() - make_interval(days => CASE WHEN id = $1 THEN 29 ELSE 31 END) WHERE id <> $2`, [recent!.id, open!.id]);

    expect(await apply(true)).toMatchObject({ 'settled-dead-letters': 1 });
    expect(await test.db.query(`SELECT id, cause FROM dead_letter WHERE value = ''`)).toEqual([{ id: old!.id, cause: expect.stringContaining('SyntaxError') }]);
    expect(await apply(true)).toMatchObject({ 'settled-dead-letters': 0 });
  });
});
