import { freshPrefix } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { anotherPool, campaign, committed, consumerOf, createTopics, database, effects, eventually, kafka, opened, produce, recordEffect, subscriptionOf, topic } from '../harness.spec.js';
import type { Subscription } from './subscription.js';

let test: Awaited<ReturnType<typeof database>>;
let prefix: string;
beforeAll(async () => {
  test = await database();
});
afterAll(() => test.drop());

const started: Subscription[] = [];
const start = (subscription: Subscription) => {
  started.push(subscription);
  subscription.start();
};
async function freshTopic(): Promise<void> {
  prefix = freshPrefix();
  await createTopics(kafka(), prefix);
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((subscription) => subscription.stop()));
  await test.db.query('TRUNCATE effect, inbox, dead_letter');
});

const trouble = (subscription: Subscription): string | undefined => {
  try {
    subscription.check();
    return undefined;
  } catch (error) {
    return String(error);
  }
};
const isReady = (subscription: Subscription) => trouble(subscription) === undefined;
/** Not only because it has just begun. */
const isTroubled = (subscription: Subscription) => trouble(subscription)?.includes('not yet a member') === false;

const deadLetters = (): Promise<{ topic: string; partition: number; message_offset: string; event_type: string | null }[]> =>
  test.db.query('SELECT topic, partition, message_offset, event_type FROM dead_letter ORDER BY message_offset');

describe('a consumer group member', () => {
  it('handles what was said before it came, in order of each key, and commits', async () => {
    await freshTopic();
    const keys = Array.from({ length: 20 }, () => campaign());
    await produce(kafka(), prefix, [1, 2, 3].flatMap((version) => keys.map((key) => ({ key: key.campaignId, value: opened(key, version) }))));
    const { subscription } = subscriptionOf(kafka(), prefix, consumerOf(test.db));
    expect(() => subscription.check()).toThrow('not yet a member');
    start(subscription);

    await eventually('all are handled', async () => (await effects(test.db)).length === 60);
    const all = await effects(test.db);
    for (const { campaignId } of keys) expect(all.filter(({ subject }) => subject === campaignId).map(({ version }) => version)).toEqual([1, 2, 3]);
    await eventually('the offsets are committed', async () => (await committed(kafka(), prefix)) === 60);
    expect(() => subscription.check()).not.toThrow();
  });

  it('is not ready when it has heard nothing from the broker for long, although kafkajs does not complain', async () => {
    await freshTopic();
    const { subscription } = subscriptionOf(kafka(), prefix, consumerOf(test.db));
    start(subscription);
    await eventually('it is ready', () => isReady(subscription));
    await started.pop()!.stop();
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now + 15_000);
    expect(() => subscription.check()).not.toThrow();
    clock.mockReturnValue(now + 21_000);
    expect(() => subscription.check()).toThrow('silent');
    clock.mockRestore();
  });

  it('goes on after poison between good messages of one partition, and keeps it with its place', async () => {
    await freshTopic();
    const [one, bad, two] = [campaign(), campaign(), campaign()];
    await produce(kafka(), prefix, [
      { key: 'a', partition: 0, value: opened(one) },
      { key: 'a', partition: 0, value: 'not json' },
      { key: 'a', partition: 0, value: opened(bad) },
      { key: 'a', partition: 0, value: opened(two) },
    ]);
    const { subscription } = subscriptionOf(kafka(), prefix, consumerOf(test.db, async (payload, context) => {
      if (context.event.subject === bad.campaignId) throw new Error('a bug of ours');
      await recordEffect(payload, context);
    }));
    start(subscription);

    await eventually('the offsets are committed', async () => (await committed(kafka(), prefix)) === 4);
    expect((await effects(test.db)).map(({ subject }) => subject)).toEqual([one.campaignId, two.campaignId]);
    expect(await deadLetters()).toEqual([
      { topic, partition: 0, message_offset: '1', event_type: null },
      { topic, partition: 0, message_offset: '2', event_type: 'campaign.opened.v1' },
    ]);
  });

  it('carries the trace of a message into its handling', async () => {
    await freshTopic();
    const data = campaign();
    const producer = kafka().producer();
    await producer.connect();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await producer.send({ topic: `${prefix}${topic}`, messages: [{ key: data.campaignId, value: opened(data), headers: { traceparent } }] });
    await producer.disconnect();
    const { currentTraceparent } = await import('@cahier/platform');
    const seen: (string | undefined)[] = [];
    start(subscriptionOf(kafka(), prefix, consumerOf(test.db, async () => void seen.push(currentTraceparent()))).subscription);

    await eventually('the event is handled', () => seen.length === 1);
    expect(seen[0]?.split('-')[1]).toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('loses and repeats nothing when another member comes and goes', async () => {
    await freshTopic();
    const replica = await anotherPool(test.url);
    const handledBy = { first: 0, second: 0 };
    const counting = (db: typeof test.db, name: keyof typeof handledBy) =>
      consumerOf(db, async (payload, context) => {
        handledBy[name]++;
        await recordEffect(payload, context);
      });
    const keys = Array.from({ length: 30 }, () => campaign());
    let version = 0;
    const say = async () => {
      version++;
      await produce(kafka(), prefix, keys.map((key) => ({ key: key.campaignId, value: opened(key, version) })));
    };
    const first = subscriptionOf(kafka(), prefix, counting(test.db, 'first')).subscription;
    const second = subscriptionOf(kafka(), prefix, counting(replica, 'second')).subscription;
    start(first);
    await say();
    await eventually('the first handles', () => handledBy.first >= 30);

    start(second);
    await eventually('the second got partitions', async () => {
      await say();
      return handledBy.second > 0;
    });
    const before = handledBy.first;
    await eventually('the first kept some', async () => {
      await say();
      return handledBy.first > before;
    });
    await started.pop()!.stop();
    const firstAlone = handledBy.first;
    await say();
    await eventually('the first has them all again', () => handledBy.first >= firstAlone + 30);

    await eventually('everything is committed', async () => (await committed(kafka(), prefix)) === version * 30);
    await replica.destroy();
    const all = await effects(test.db);
    expect(all).toHaveLength(version * 30);
    for (const { campaignId } of keys) {
      expect(all.filter(({ subject }) => subject === campaignId).map((effect) => effect.version)).toEqual(Array.from({ length: version }, (_, i) => i + 1));
    }
  });

  it('is replaced when kafkajs crashes, and gives up only when nothing explains it', async () => {
    await freshTopic();
    const reading = consumerOf(test.db);
    let bugs = 1;
    const handle = reading.consumer.handle.bind(reading.consumer);
    reading.consumer.handle = async (messages, stayAlive) => {
      if (bugs-- > 0) throw new TypeError('a bug of the library');
      return handle(messages, stayAlive);
    };
    const { subscription, gaveUp } = subscriptionOf(kafka(), prefix, reading);
    start(subscription);
    await produce(kafka(), prefix, [{ key: 'k', value: opened(campaign()) }]);
    await eventually('it is handled after all', async () => (await effects(test.db)).length === 1);
    expect(gaveUp).toEqual([]);

    bugs = Infinity;
    await produce(kafka(), prefix, [{ key: 'k', value: opened(campaign()) }]);
    await eventually('it gives up', () => gaveUp.length === 1, 40_000);
    expect(() => subscription.check()).toThrow('TypeError');
    expect(await effects(test.db)).toHaveLength(1);
  });
});

describe('while PostgreSQL is away in the middle of a chunk', () => {
  it('nothing is committed, nothing becomes a dead letter, the readiness says so; afterwards everything is handled once', async () => {
    await freshTopic();
    const proxy = await cuttable(test.url);
    const db = await anotherPool(proxy.url);
    let cutAt = 5;
    const messages = Array.from({ length: 10 }, () => campaign());
    const { subscription } = subscriptionOf(kafka(), prefix, consumerOf(db, async (payload, context) => {
      if (--cutAt === 0) proxy.cut();
      await recordEffect(payload, context);
    }));
    await produce(kafka(), prefix, messages.map((data) => ({ key: 'one partition', value: opened(data) })));
    start(subscription);

    await eventually('the readiness is red', () => cutAt <= 0 && isTroubled(subscription));
    expect(await committed(kafka(), prefix)).toBe(0);
    expect([await effects(test.db), await deadLetters()]).toEqual([[], []]);

    proxy.heal();
    await eventually('everything is committed', async () => (await committed(kafka(), prefix)) === 10);
    expect((await effects(test.db)).map(({ subject }) => subject)).toEqual(messages.map(({ campaignId }) => campaignId));
    expect(await deadLetters()).toEqual([]);
    expect(() => subscription.check()).not.toThrow();
    await started.pop()!.stop();
    await db.destroy();
    await proxy.stop();
  });

  it('the service can still be stopped', async () => {
    await freshTopic();
    const proxy = await cuttable(test.url);
    const db = await anotherPool(proxy.url);
    const { subscription } = subscriptionOf(kafka(), prefix, consumerOf(db));
    await produce(kafka(), prefix, [{ key: 'k', value: opened(campaign()) }]);
    proxy.cut();
    subscription.start();
    await eventually('it waits', () => isTroubled(subscription));
    await subscription.stop();
    expect(await committed(kafka(), prefix)).toBe(0);
    await db.destroy();
    await proxy.stop();
  });
});

/** A way to the database that can be cut: connections are reset, new ones refused. */
async function cuttable(url: string): Promise<{ url: string; cut(): void; heal(): void; stop(): Promise<void> }> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    if (isCut) client.resetAndDestroy();
    else client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    heal() {
      isCut = false;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
