import { allEvents } from '@cahier/contracts';
import { commonConfig, loadConfig, run } from '@cahier/platform';
import { kafkaClient } from './kafka/client.js';
import { createTopics, topicConfig } from './kafka/topics.js';

/**
 * A command of every image, for before a rollout: all topics of the system, with the durability of the profile. Those that are
 * there stay as they are; one that may lose events is a failure. The services create what is missing by themselves, too.
 */
run(async () => {
  const { DURABILITY_PROFILE: durability, KAFKA_BROKERS, TOPIC_PREFIX } = loadConfig(commonConfig.pick({ DURABILITY_PROFILE: true, KAFKA_BROKERS: true, TOPIC_PREFIX: true }));
  const names = [...new Set(allEvents.map(({ topic }) => topic.name))];
  const weak = await createTopics(kafkaClient('create-topics', KAFKA_BROKERS), names.map((name) => topicConfig(`${TOPIC_PREFIX}${name}`, durability)), durability);
  if (weak.length > 0) throw new Error(`Topics that may lose events, min.insync.replicas below 2: ${weak.join(', ')}`);
  process.stdout.write(`${names.length} topics are there\n`);
});
