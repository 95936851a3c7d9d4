import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { anotherPool, campaign, consumerOf, database, opened, topic } from '../harness.spec.js';
import type { EventConsumer } from './event-consumer.js';
import type { EventContext } from './on-event.js';

/**
 * The inbox on a real database, with a handler that keeps the newest version of each key as every projection does, against what is
 * promised: whatever is delivered, how often, in which order and chunks, by one member of the group or two at once, and wherever
 * the process dies, each event is handled once and the projection is the newest version of each key that was heard of.
 */

const KEYS = 3;
const VERSIONS = 4;
interface Delivery { readonly key: number; readonly version: number }
type Step =
  | { do: 'chunk'; events: readonly Delivery[] }
  | { do: 'at-once'; chunks: readonly [readonly Delivery[], readonly Delivery[]] }
  /** After so many events of the chunk, before its commit. */
  | { do: 'crash'; events: readonly Delivery[]; after: number }
  /** Its transaction committed, its offset not: all of it comes again. */
  | { do: 'offset-lost'; events: readonly Delivery[] }
  /** The inbox lives no longer than the topic: what comes after that is stopped by its version alone. */
  | { do: 'forgotten' };

let test: Awaited<ReturnType<typeof database>>;
let replica: Awaited<ReturnType<typeof anotherPool>>;
beforeAll(async () => {
  test = await database();
  replica = await anotherPool(test.url);
  await test.db.query('CREATE TABLE projection (subject uuid PRIMARY KEY, version int NOT NULL)');
});
afterAll(async () => {
  await replica.destroy();
  await test.drop();
});

/** As a service that is being killed: nothing of the transaction is left, and nobody is told. */
const crash = (): Error => Object.assign(new Error('killed'), { code: '57P01' });
let dieAfter = Infinity;

async function project(_: unknown, { tx, event }: EventContext): Promise<void> {
  await tx.query('INSERT INTO effect (event_id, type, subject, version) VALUES ($1, $2, $3, $4)', [event.id, event.type, event.subject, event.version]);
  await tx.query('INSERT INTO projection VALUES ($1, $2) ON CONFLICT (subject) DO UPDATE SET version = excluded.version WHERE projection.version < excluded.version', [event.subject, event.version]);
  if (--dieAfter === 0) throw crash();
}

/** Two members that wait for each other's keys: one is told to try again, as the subscription does. */
async function deliver(to: EventConsumer, values: readonly string[]): Promise<void> {
  for (;;) {
    try {
      await to.receive(topic, values);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== '40P01') throw error;
    }
  }
}

const delivery = fc.record({ key: fc.nat(KEYS - 1), version: fc.integer({ min: 1, max: VERSIONS }) });
const chunk = fc.array(delivery, { minLength: 1, maxLength: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('chunk' as const), events: chunk }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('at-once' as const), chunks: fc.tuple(chunk, chunk) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('crash' as const), events: chunk, after: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('offset-lost' as const), events: chunk }) },
  { weight: 1, arbitrary: fc.constant({ do: 'forgotten' as const }) },
);

it('handles each event once and keeps the newest of each key, whatever comes in whatever order', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
    await test.db.query('TRUNCATE effect, inbox, projection');
    const keys = Array.from({ length: KEYS }, () => randomUUID());
    const values = (events: readonly Delivery[]): string[] => events.map(({ key, version }) => opened(campaign(keys[key]), version));
    const [consumer, other] = [consumerOf(test.db, project).consumer, consumerOf(replica, project).consumer];
    /** Of `key version`: handled since the inbox was last forgotten; and ever. */
    const [known, heard] = [new Set<string>(), new Map<string, number>()];
    let effects = 0;
    const told = (events: readonly Delivery[]): void => {
      for (const { key, version } of events) {
        if (!known.has(`${key} ${version}`)) effects++;
        known.add(`${key} ${version}`);
        heard.set(keys[key]!, Math.max(version, heard.get(keys[key]!) ?? 0));
      }
    };

    for (const one of steps) {
      dieAfter = one.do === 'crash' ? one.after : Infinity;
      switch (one.do) {
        case 'chunk':
          await deliver(consumer, values(one.events));
          told(one.events);
          break;
        case 'offset-lost':
          for (let n = 0; n < 2; n++) await deliver(other, values(one.events));
          told(one.events);
          break;
        case 'at-once':
          await Promise.all([deliver(consumer, values(one.chunks[0])), deliver(other, values(one.chunks[1]))]);
          one.chunks.forEach(told);
          break;
        case 'crash':
          await deliver(consumer, values(one.events)).then(() => told(one.events), (error: unknown) => expect(error).toMatchObject({ code: '57P01' }));
          break;
        case 'forgotten':
          await test.db.query('TRUNCATE inbox');
          known.clear();
      }
      const projected = await test.db.query<{ subject: string; version: number }[]>('SELECT subject, version FROM projection');
      expect(new Map(projected.map(({ subject, version }) => [subject, version]))).toEqual(heard);
      expect(await test.db.query('SELECT (SELECT count(*)::int FROM effect) AS effects, (SELECT count(*)::int FROM inbox) AS inbox, (SELECT count(*)::int FROM dead_letter) AS dead')).toEqual([{ effects, inbox: known.size, dead: 0 }]);
    }
  }), { numRuns: 25, endOnFailure: true });
});
