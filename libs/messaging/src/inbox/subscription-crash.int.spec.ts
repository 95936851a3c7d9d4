import { freshPrefix } from '@cahier/testing';
import { describe, expect, it } from '@jest/globals';

// Read when the library is loaded: so it is loaded afterwards.
process.env['FAILPOINTS'] = 'consumer-before-offset-commit=throw@1';
const { campaign, committed, consumerOf, createTopics, database, effects, eventually, kafka, opened, produce, subscriptionOf } = await import('../harness.spec.js');

describe('a consumer that dies between the database and the offsets', () => {
  it('gets its messages again, and they have one effect', async () => {
    const { db, drop } = await database();
    const prefix = freshPrefix();
    await createTopics(kafka(), prefix);
    const data = campaign();
    await produce(kafka(), prefix, [1, 2, 3].map((version) => ({ key: data.campaignId, value: opened(data, version) })));

    const reading = consumerOf(db);
    const { subscription } = subscriptionOf(kafka(), prefix, reading);
    subscription.start();
    const outcome = async (name: string) => (await reading.registry.getSingleMetric('cahier_inbox_events_total')!.get()).values.find(({ labels }) => labels['outcome'] === name)?.value ?? 0;
    await eventually('the messages are delivered twice', async () => (await outcome('duplicate')) >= 3);
    await eventually('the offsets are committed', async () => (await committed(kafka(), prefix)) === 3);

    expect(await outcome('handled')).toBe(3);
    expect((await effects(db)).map(({ version }) => version)).toEqual([1, 2, 3]);
    await subscription.stop();
    await drop();
  });
});
