import { freshPrefix } from '@cahier/testing';
import { describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { eventually, kafka } from '../harness.spec.js';
import { topicConfig, TopicCreation } from './topics.js';

describe('topics', () => {
  it('are created in the background, those that exist left alone', async () => {
    const prefix = freshPrefix();
    const admin = kafka().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: `${prefix}old.events`, numPartitions: 1 }] });
    const creation = new TopicCreation({ kafka: kafka(), topics: ['old', 'new'].map((name) => topicConfig(`${prefix}${name}.events`, 'local')), durability: 'local', giveUp: () => undefined });
    creation.start();

    const partitions = await eventually('both exist', async () => {
      const { topics } = await admin.fetchTopicMetadata();
      const ours = topics.filter(({ name }) => name.startsWith(prefix));
      return ours.length === 2 && Object.fromEntries(ours.map(({ name, partitions }) => [name.slice(prefix.length), partitions.length]));
    });
    expect(partitions).toEqual({ 'old.events': 1, 'new.events': 3 });
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: `${prefix}new.events`, configNames: ['retention.ms', 'max.message.bytes'] }] });
    expect(Object.fromEntries(resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]))).toEqual({ 'retention.ms': '604800000', 'max.message.bytes': '2097152' });
    await creation.stop();
    await admin.disconnect();
  });

  it('whose writes one copy confirms are refused in production', async () => {
    const name = `${freshPrefix()}weak.events`;
    const refusals: unknown[] = [];
    const creation = new TopicCreation({ kafka: kafka(), topics: [topicConfig(name, 'local')], durability: 'production', giveUp: (error) => refusals.push(error) });
    creation.start();
    await eventually('it is refused', () => refusals.length === 1);
    expect(String(refusals[0])).toContain(name);
    await creation.stop();
  });

  it('survive the loss of a broker in production: three copies, two of which confirm', () => {
    expect(topicConfig('campaign.events', 'production')).toMatchObject({ numPartitions: 12, replicationFactor: 3, configEntries: expect.arrayContaining([{ name: 'min.insync.replicas', value: '2' }]) });
  });
});
