import { backOff, Loop, type Next } from '@cahier/platform';
import { Logger } from '@nestjs/common';
import kafkajs, { type Admin, type ITopicConfig, type Kafka } from 'kafkajs';
import type { MessagingConfig } from '../messaging-config.js';
import { describeKafkaError } from './client.js';

/** How long Kafka may deliver an event again; what guards against that lives as long. */
export const RETENTION_DAYS = 7;

/** Three partitions and one copy where one broker is all there is; twelve and three, of which two confirm every write, in production. */
export function topicConfig(topic: string, durability: TopicCreationOptions['durability']): ITopicConfig {
  const common = [
    { name: 'retention.ms', value: String(RETENTION_DAYS * 24 * 3_600_000) },
    { name: 'max.message.bytes', value: String(2 * 1024 * 1024) },
  ];
  return durability !== 'production'
    ? { topic, numPartitions: 3, replicationFactor: 1, configEntries: common }
    : { topic, numPartitions: 12, replicationFactor: 3, configEntries: [...common, { name: 'min.insync.replicas', value: '2' }] };
}

export interface TopicCreationOptions {
  readonly kafka: Kafka;
  readonly topics: readonly ITopicConfig[];
  /** The durability that the topics must have; `production` refuses one whose writes a single copy confirms. */
  readonly durability: MessagingConfig['DURABILITY_PROFILE'];
  /** A topic that would lose events is no topic to write to. */
  readonly giveUp: (error: unknown) => void;
}

/** Creates what is missing among a service's topics, in the background: a service starts without the broker. */
export class TopicCreation {
  private readonly logger = new Logger('Topics');
  private readonly loop = new Loop(() => this.step());
  private failures = 0;

  constructor(private readonly options: TopicCreationOptions) {}

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  private async step(): Promise<Next> {
    try {
      const { kafka, topics, durability } = this.options;
      const weak = await createTopics(kafka, topics, durability);
      if (weak.length > 0) {
        const refusal = `Topics that may lose events, min.insync.replicas below 2: ${weak.join(', ')}`;
        this.logger.error(refusal);
        this.options.giveUp(new Error(refusal));
      }
      return 'done';
    } catch (error) {
      this.failures++;
      if (this.failures === 1) this.logger.warn(`Topics cannot be created yet: ${describeKafkaError(error)}`);
      return backOff(this.failures, 5_000);
    }
  }
}

/** Creates those that are missing. @returns those that exist with less durability than is asked for. */
export async function createTopics(kafka: Kafka, topics: readonly ITopicConfig[], durability: TopicCreationOptions['durability']): Promise<string[]> {
  const admin = kafka.admin({ retry: { retries: 1 } });
  try {
    await admin.connect();
    // One by one: for a set of which some exist, kafkajs does not tell whether the others were created.
    for (const topic of topics) await admin.createTopics({ topics: [topic] });
    return durability === 'production' ? await weakTopics(admin, topics) : [];
  } finally {
    await admin.disconnect();
  }
}

async function weakTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<string[]> {
  const name = 'min.insync.replicas';
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: topics.map(({ topic }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] })) });
  return resources.filter(({ configEntries }) => Number(configEntries.find(({ configName }) => configName === name)?.configValue ?? 0) < 2).map(({ resourceName }) => resourceName);
}
