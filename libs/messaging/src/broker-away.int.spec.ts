import { startStack } from '@cahier/local-stack';
import { freshPrefix } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { append, campaign, consumerOf, database, effects, eventually, subscriptionOf } from './harness.spec.js';
import { kafkaClient } from './kafka/client.js';
import { readTopic } from './kafka/read-topic.js';
import { topicConfig, TopicCreation } from './kafka/topics.js';
import { MessagingMetrics } from './messaging-metrics.js';
import { Relay } from './outbox/relay.js';

let folder: string;
let test: Awaited<ReturnType<typeof database>>;
let broker: Awaited<ReturnType<typeof startBroker>> | undefined;

/** A broker of our own, because it is stopped and started; at the same address each time. */
async function startBroker() {
  const given = process.env['TEST_KAFKA_BROKERS']!;
  delete process.env['TEST_KAFKA_BROKERS'];
  try {
    return await startStack({ parts: ['kafka'], folder });
  } finally {
    process.env['TEST_KAFKA_BROKERS'] = given;
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cahier-broker-'));
  test = await database();
});
afterAll(async () => {
  await broker?.stop();
  await test.drop();
  await rm(folder, { recursive: true, force: true });
});

const isRed = (check: () => void) => {
  try {
    check();
    return false;
  } catch {
    return true;
  }
};

describe('a broker that goes away and comes back', () => {
  it('costs time and nothing else: who ran before goes on, who starts meanwhile waits, each event has one effect', async () => {
    broker = await startBroker();
    const { brokers } = broker.kafka;
    const client = kafkaClient('messaging-test', brokers);
    const prefix = freshPrefix();
    const relayOf = () => new Relay(test.db, { kafka: client, prefix, pollMs: 50, metrics: new MessagingMetrics(new Registry(), test.db) });
    const topicsOf = (name: string) => new TopicCreation({ kafka: client, topics: [topicConfig(`${prefix}${name}`, 'local')], durability: 'local', giveUp: (error) => { throw error; } });
    const running = { topics: topicsOf('campaign.events'), relay: relayOf(), ...subscriptionOf(client, prefix, consumerOf(test.db)) };
    running.topics.start();
    running.relay.start();
    running.subscription.start();
    await append(test.db, campaign());
    await eventually('the first event is handled', async () => (await effects(test.db)).length === 1, 40_000);

    await broker.stop();
    for (let i = 0; i < 20; i++) await append(test.db, campaign());
    const late = { topics: topicsOf('report.events'), relay: relayOf(), ...subscriptionOf(client, `${prefix}late.`, consumerOf(test.db)) };
    late.topics.start();
    late.relay.start();
    late.subscription.start();
    await eventually('the readiness is red', () => isRed(() => running.subscription.check()), 40_000);
    expect(isRed(() => late.subscription.check())).toBe(true);
    expect(await effects(test.db)).toHaveLength(1);

    broker = await startBroker();
    expect(broker.kafka.brokers).toEqual(brokers);
    await eventually('everything is handled', async () => (await effects(test.db)).length === 21, 40_000);
    await eventually('the readiness is green', () => !isRed(() => running.subscription.check()), 40_000);
    await eventually('the topic of the one that came late exists', () => readTopic(brokers, `${prefix}report.events`).then((messages) => messages.length === 0, () => false), 40_000);
    expect([running.gaveUp, late.gaveUp]).toEqual([[], []]);
    expect(await test.db.query('SELECT 1 FROM dead_letter')).toEqual([]);

    for (const { topics, relay, subscription } of [running, late]) await Promise.all([topics.stop(), relay.stop(), subscription.stop()]);
  }, 120_000);
});
