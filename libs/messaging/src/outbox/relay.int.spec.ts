import { campaignOpened, eventId } from '@cahier/contracts';
import { freshPrefix, testServers } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { anotherPool, append, at, campaign, createTopics, database, eventually, kafka, opened } from '../harness.spec.js';
import { readTopic } from '../kafka/read-topic.js';
import { MessagingMetrics } from '../messaging-metrics.js';
import { appendToOutbox, outboxValues } from './append-to-outbox.js';
import { outboxAgeMs } from './outbox-age.js';
import { Relay } from './relay.js';

let test: Awaited<ReturnType<typeof database>>;
beforeAll(async () => {
  test = await database();
});
afterAll(() => test.drop());

const relays: Relay[] = [];
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await test.db.query('DELETE FROM outbox');
});

/** @param beforeSend done each time the relay has read its rows and not yet sent them. */
function relayOf(db = test.db, prefix = '', registry = new Registry(), beforeSend: () => Promise<void> = async () => undefined): Relay {
  const client = kafka();
  const producer = client.producer.bind(client);
  client.producer = (config) => {
    const real = producer(config);
    return { ...real, sendBatch: async (batch) => beforeSend().then(() => real.sendBatch(batch)) };
  };
  const relay = new Relay(db, { kafka: client, prefix, pollMs: 50, metrics: new MessagingMetrics(registry, db) });
  relays.push(relay);
  return relay;
}

/** Versions 1 to `versions` of one campaign, in one statement. */
async function say(data: ReturnType<typeof campaign>, versions: number): Promise<void> {
  const rows = Array.from({ length: versions }, (_, i) => outboxValues(campaignOpened, data, i + 1, at));
  const column = (name: 'id' | 'topic' | 'key' | 'envelope') => rows.map((row) => row[name]);
  await test.db.query('INSERT INTO outbox (id, topic, key, envelope) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])', [column('id'), column('topic'), column('key'), column('envelope')]);
}

async function freshTopic(): Promise<string> {
  const prefix = freshPrefix();
  await createTopics(kafka(), prefix);
  return prefix;
}

const read = (prefix: string) => readTopic(testServers().kafkaBrokers, `${prefix}campaign.events`);
const versionOf = (value: string) => (JSON.parse(value) as { aggregateversion: number }).aggregateversion;
const unpublished = async () => (await test.db.query('SELECT 1 FROM outbox WHERE published_at IS NULL')).length;

describe('the relay', () => {
  it('publishes each committed event once, byte for byte, under its key, with its headers', async () => {
    const prefix = await freshTopic();
    const [one, two] = [campaign(), campaign()];
    await append(test.db, one);
    await append(test.db, two);
    await test.db.query('UPDATE outbox SET traceparent = $1 WHERE key = $2', ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', two.campaignId]);

    expect(await relayOf(test.db, prefix).drain()).toBe(2);
    expect(await relayOf(test.db, prefix).drain()).toBe(0);

    const messages = new Map((await read(prefix)).map((message) => [message.key, message]));
    expect(messages.size).toBe(2);
    expect(messages.get(one.campaignId)).toMatchObject({ value: opened(one), headers: { ce_id: eventId(campaignOpened.type, one.campaignId, 1), ce_type: campaignOpened.type } });
    expect(messages.get(one.campaignId)!.headers).not.toHaveProperty('traceparent');
    expect(messages.get(two.campaignId)!.headers).toMatchObject({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
  });

  it('does not publish what was rolled back', async () => {
    const prefix = await freshTopic();
    await expect(
      test.db.transaction(async (tx) => {
        await appendToOutbox(tx, campaignOpened, campaign(), 1, at);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(await relayOf(test.db, prefix).drain()).toBe(0);
    expect(await read(prefix)).toEqual([]);
  });

  it('does not skip a transaction that took the lower position and commits later', async () => {
    const prefix = await freshTopic();
    const [early, late] = [campaign(), campaign()];
    const relay = relayOf(test.db, prefix);
    const slow = test.db.createQueryRunner();
    await slow.startTransaction();
    await appendToOutbox(slow.manager, campaignOpened, late, 1, at);

    await append(test.db, early);
    expect(await relay.drain()).toBe(1);
    await slow.commitTransaction();
    await slow.release();
    expect(await relay.drain()).toBe(1);

    expect((await read(prefix)).map(({ key }) => key).sort()).toEqual([early.campaignId, late.campaignId].sort());
  });

  it('does not mark what was committed behind its back while it was sending', async () => {
    const prefix = await freshTopic();
    const [early, late] = [campaign(), campaign()];
    const slow = test.db.createQueryRunner();
    await slow.startTransaction();
    await appendToOutbox(slow.manager, campaignOpened, late, 1, at);
    await append(test.db, early);

    const relay = relayOf(test.db, prefix, new Registry(), async () => {
      if (slow.isTransactionActive) await slow.commitTransaction();
    });
    expect(await relay.drain()).toBe(2);
    await slow.release();
    expect((await read(prefix)).map(({ key }) => key).sort()).toEqual([early.campaignId, late.campaignId].sort());
  });

  it('keeps the order of a key over any number of sends', async () => {
    const prefix = await freshTopic();
    await say(campaign(), 1_201);
    expect(await relayOf(test.db, prefix).drain()).toBe(1_201);
    expect((await read(prefix)).map(({ value }) => versionOf(value))).toEqual(Array.from({ length: 1_201 }, (_, i) => i + 1));
  });

  it('takes 300 large events of one partition in pieces that the broker accepts, in order', async () => {
    const prefix = await freshTopic();
    const data = campaign(undefined, { presentation: { fr: 'é'.repeat(40_000), en: 'x' } });
    await say(data, 300);

    expect(await relayOf(test.db, prefix).drain()).toBe(300);

    const messages = await read(prefix);
    expect(new Set(messages.map(({ partition }) => partition)).size).toBe(1);
    expect(messages.map(({ value }) => versionOf(value))).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });

  it('lets an event larger than one send go alone', async () => {
    const prefix = await freshTopic();
    const large = campaign(undefined, { presentation: { fr: 'e'.repeat(1_500_000), en: 'x' } });
    const after = campaign();
    await append(test.db, large);
    await append(test.db, after);
    expect(await relayOf(test.db, prefix).drain()).toBe(2);
    expect((await read(prefix)).map(({ key }) => key).sort()).toEqual([large.campaignId, after.campaignId].sort());
  });

  it('keeps the order of each key while two replicas publish at once', async () => {
    const prefix = await freshTopic();
    const replica = await anotherPool(test.url);
    const registries = [new Registry(), new Registry()];
    const [first, second] = [relayOf(test.db, prefix, registries[0]), relayOf(replica, prefix, registries[1])];
    const keys = Array.from({ length: 5 }, () => campaign());
    first.start();
    second.start();

    const publishedBy = (registry: Registry) => registry.getMetricsAsJSON().then((metrics) => metrics.find(({ name }) => name === 'cahier_relay_batch_events')!.values.find((value) => 'metricName' in value && value.metricName === 'cahier_relay_batch_events_sum')?.value ?? 0);
    let version = 0;
    await eventually('both replicas publish', async () => {
      for (let i = 0; i < 10; i++) {
        version++;
        for (const key of keys) await append(test.db, key, version);
      }
      const [one, two] = await Promise.all(registries.map(publishedBy));
      return one! > 20 && two! > 20;
    });
    await eventually('everything is published', async () => (await unpublished()) === 0);
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await replica.destroy();

    const messages = await read(prefix);
    for (const { campaignId } of keys) {
      expect(messages.filter(({ key }) => key === campaignId).map(({ value }) => versionOf(value))).toEqual(Array.from({ length: version }, (_, i) => i + 1));
    }
  });

  it('is woken by the process that wrote, long before it would look by itself', async () => {
    const prefix = await freshTopic();
    const relay = new Relay(test.db, { kafka: kafka(), prefix, pollMs: 3_600_000, metrics: new MessagingMetrics(new Registry(), test.db) });
    relays.push(relay);
    await relay.drain();
    relay.start();
    await append(test.db, campaign());
    relay.wake();
    await eventually('the event is published', async () => (await unpublished()) === 0);
  });

  it('waits while its topic does not exist, and says how old the outbox is', async () => {
    const prefix = freshPrefix();
    await append(test.db, campaign());
    await test.db.query(`UPDATE outbox SET created_at = now() - interval '1 hour'`);
    await expect(relayOf(test.db, prefix).drain()).rejects.toThrow();
    expect(await unpublished()).toBe(1);
    expect(await outboxAgeMs(test.db)).toBeGreaterThanOrEqual(3_600_000);

    await createTopics(kafka(), prefix);
    const relay = relayOf(test.db, prefix);
    relay.start();
    await eventually('the event is published', async () => (await unpublished()) === 0);
    expect(await outboxAgeMs(test.db)).toBe(0);
  });
});
