import { campaignClosed, campaignOpened, eventId } from '@cahier/contracts';
import { freshPrefix, testServers } from '@cahier/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { append, at, campaign, committed, consumerOf, createTopics, database, effects, eventually, kafka, service, subscriptionOf } from '../harness.spec.js';
import { consumerLag } from '../kafka/consumer-lag.js';
import { readTopic } from '../kafka/read-topic.js';
import { MessagingMetrics } from '../messaging-metrics.js';
import { outboxFacts } from './outbox-facts.js';
import { Relay } from '../outbox/relay.js';
import { republish, republishCommand, type Fact } from './republish.js';

let test: Awaited<ReturnType<typeof database>>;
let reader: Awaited<ReturnType<typeof database>>;
let prefix: string;
beforeAll(async () => {
  test = await database();
  reader = await database();
});
afterAll(async () => {
  await test.drop();
  await reader.drop();
});
beforeEach(async () => {
  await test.db.query('DELETE FROM outbox');
  prefix = freshPrefix();
  await createTopics(kafka(), prefix);
});

async function* facts(...all: Fact[]): AsyncGenerator<Fact> {
  yield* all;
}
const relayAll = async () => {
  const relay = new Relay(test.db, { kafka: kafka(), prefix, pollMs: 50, metrics: new MessagingMetrics(new Registry(), test.db) });
  const published = await relay.drain();
  await relay.stop();
  return published;
};
const read = () => readTopic(testServers().kafkaBrokers, `${prefix}campaign.events`);
const config = () => ({ KAFKA_BROKERS: testServers().kafkaBrokers, TOPIC_PREFIX: prefix });

describe('republish', () => {
  it('tells each fact again, the same event to the byte, whether its row was kept or not', async () => {
    const data = campaign();
    await append(test.db, data, 1);
    await append(test.db, data, 2);
    await relayAll();
    await test.db.query(`DELETE FROM outbox WHERE id = $1`, [eventId(campaignOpened.type, data.campaignId, 1)]);

    const told = [1, 2].map((version): Fact => ({ contract: campaignOpened, data, version, at }));
    expect(await republish(test.db, facts(...told))).toBe(2);
    expect(await relayAll()).toBe(2);

    const values = (await read()).map(({ value }) => value);
    expect(values).toHaveLength(4);
    expect(values.slice(2)).toEqual(values.slice(0, 2));
  });

  it('keeps the order of the facts, behind what waits', async () => {
    const [one, two, waiting] = [campaign(), campaign(), campaign()];
    await append(test.db, two);
    await append(test.db, waiting);
    await republish(test.db, facts({ contract: campaignOpened, data: one, version: 1, at }, { contract: campaignOpened, data: two, version: 1, at }));
    const keys = await test.db.query('SELECT key FROM outbox WHERE published_at IS NULL ORDER BY position');
    expect(keys.map(({ key }: { key: string }) => key)).toEqual([waiting, one, two].map(({ campaignId }) => campaignId));
  });

  it('takes any number of facts, and one told twice', async () => {
    const data = campaign();
    const many = Array.from({ length: 1_201 }, (_, i): Fact => ({ contract: campaignOpened, data, version: i + 1, at }));
    expect(await republish(test.db, facts(...many, many[0]!, many[0]!))).toBe(1_203);
    expect(await test.db.query('SELECT count(*)::int AS n FROM outbox')).toEqual([{ n: 1_201 }]);
  });

  it('has no effect on a consumer that has heard it', async () => {
    const data = campaign();
    await append(test.db, data, 1);
    await relayAll();
    await republish(test.db, outboxFacts(test.db));
    await relayAll();
    const lag = () => consumerLag(kafka(), `${prefix}${service}`, [`${prefix}campaign.events`]);
    expect(await lag()).toBe(2);
    const { subscription } = subscriptionOf(kafka(), prefix, consumerOf(reader.db));
    subscription.start();
    await eventually('both are received', async () => (await committed(kafka(), prefix)) === 2);
    await subscription.stop();
    expect(await lag()).toBe(0);
    expect((await effects(reader.db)).filter(({ subject }) => subject === data.campaignId)).toHaveLength(1);
  });
});

describe('outboxFacts', () => {
  it('is all that was said, in that order', async () => {
    const data = campaign();
    for (let version = 1; version <= 3; version++) await append(test.db, data, version, version === 3 ? campaignClosed : campaignOpened);
    await relayAll();
    expect(await republish(test.db, outboxFacts(test.db))).toBe(3);
    expect(await relayAll()).toBe(3);
    const once = [campaignOpened.type, campaignOpened.type, campaignClosed.type];
    expect((await read()).map(({ headers }) => headers['ce_type'])).toEqual([...once, ...once]);
  });

  it('ends, although what it tells moves to the end', async () => {
    const data = campaign();
    await republish(test.db, facts(...Array.from({ length: 1_001 }, (_, i): Fact => ({ contract: campaignOpened, data, version: i + 1, at }))));
    expect(await republish(test.db, outboxFacts(test.db))).toBe(1_001);
  });
});

describe('republish --after-loss', () => {
  const command = (patienceMs?: number) => republishCommand({ service: 'campaign-service', config: config(), db: test.db, facts: outboxFacts, args: ['--after-loss'], ...(patienceMs !== undefined && { patienceMs }) });
  const reading = () => subscriptionOf(kafka(), prefix, consumerOf(reader.db)).subscription;

  it('lets readers hear what their old position would keep from them, once they have been stopped', async () => {
    const data = campaign();
    for (let version = 1; version <= 4; version++) await append(test.db, data, version);
    await relayAll();
    const first = reading();
    first.start();
    await eventually('all are heard', async () => (await committed(kafka(), prefix)) === 4);
    await expect(command(0)).rejects.toThrow(`${prefix}${service}`);
    expect(await relayAll()).toBe(0);
    await first.stop();
    await loseTopic();
    await reader.db.query('TRUNCATE inbox, effect');

    expect(await command()).toBe(`4 facts of campaign-service wait in the outbox. These groups begin anew: ${prefix}${service}.`);
    expect(await relayAll()).toBe(4);
    const second = reading();
    second.start();
    await eventually('all are heard again', async () => (await effects(reader.db)).length === 4);
    await second.stop();
  });

  /** A new, empty topic, in which the group has the position that it had in a longer one. */
  async function loseTopic(): Promise<void> {
    const topic = `${prefix}campaign.events`;
    const admin = kafka().admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await eventually('the topic is made anew', () => createTopics(kafka(), prefix).then(() => true, () => false));
    await eventually('the position is set', () => admin.setOffsets({ groupId: `${prefix}${service}`, topic, partitions: [0, 1, 2].map((partition) => ({ partition, offset: '2' })) }).then(() => true, () => false));
    await admin.disconnect();
  }

  it('refuses an argument it does not know', async () => {
    await expect(republishCommand({ service: 'campaign-service', config: config(), db: test.db, facts: outboxFacts, args: ['--after-lunch'] })).rejects.toThrow('--after-lunch');
  });
});
