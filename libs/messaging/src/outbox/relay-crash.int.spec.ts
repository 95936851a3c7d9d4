import { freshPrefix, testServers } from '@cahier/testing';
import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

// Read when the library is loaded: so it is loaded afterwards.
process.env['FAILPOINTS'] = 'relay-before-mark=throw@1';
const { append, campaign, createTopics, database, kafka } = await import('../harness.spec.js');
const { readTopic } = await import('../kafka/read-topic.js');
const { MessagingMetrics } = await import('../messaging-metrics.js');
const { Relay } = await import('./relay.js');

describe('a relay that dies between the broker and the database', () => {
  it('leaves events that the next one publishes again, the same to the byte, and then marks', async () => {
    const { db, drop } = await database();
    const prefix = freshPrefix();
    await createTopics(kafka(), prefix);
    const relay = new Relay(db, { kafka: kafka(), prefix, pollMs: 50, metrics: new MessagingMetrics(new Registry(), db) });
    const unpublished = async () => (await db.query('SELECT 1 FROM outbox WHERE published_at IS NULL')).length;
    const read = () => readTopic(testServers().kafkaBrokers, `${prefix}campaign.events`);
    const data = campaign();
    await append(db, data);

    await expect(relay.drain()).rejects.toThrow('Fail point relay-before-mark');
    expect(await read()).toHaveLength(1);
    expect(await unpublished()).toBe(1);

    expect(await relay.drain()).toBe(1);
    expect(await unpublished()).toBe(0);
    const messages = await read();
    expect(messages.map(({ key }) => key)).toEqual([data.campaignId, data.campaignId]);
    expect(messages[1]!.value).toBe(messages[0]!.value);

    await relay.stop();
    await drop();
  });
});
