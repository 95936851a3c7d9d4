import { Logger } from '@nestjs/common';
import type { ITopicConfig, Kafka } from 'kafkajs';
import { backOff, Loop, type Next } from '../loop.js';
import { describeKafkaError } from './client.js';

/** How long Kafka may deliver an event again; what guards against that lives as long. */
export const RETENTION_DAYS = 7;

/** Three partitions and one copy on a developer's machine; twelve and three, of which two confirm every write, in production. */
export function topicConfig(topic: string, profile: 'local' | 'production'): ITopicConfig {
  const common = [
    { name: 'retention.ms', value: String(RETENTION_DAYS * 24 * 3_600_000) },
    { name: 'max.message.bytes', value: String(2 * 1024 * 1024) },
  ];
  return profile === 'local'
    ? { topic, numPartitions: 3, replicationFactor: 1, configEntries: common }
    : { topic, numPartitions: 12, replicationFactor: 3, configEntries: [...common, { name: 'min.insync.replicas', value: '2' }] };
}

/** Creates what is missing among a service's topics, in the background: a service starts without the broker. */
export class TopicCreation {
  private readonly logger = new Logger('Topics');
  private readonly loop = new Loop(() => this.step());
  private failures = 0;

  constructor(private readonly kafka: Kafka, private readonly topics: readonly ITopicConfig[]) {}

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  private async step(): Promise<Next> {
    try {
      await this.create();
      return 'done';
    } catch (error) {
      this.failures++;
      if (this.failures === 1) this.logger.warn(`Topics cannot be created yet: ${describeKafkaError(error)}`);
      return backOff(this.failures, 5_000);
    }
  }

  private async create(): Promise<void> {
    const admin = this.kafka.admin({ retry: { retries: 1 } });
    try {
      await admin.connect();
      // One by one: for a set of which some exist, kafkajs does not tell whether the others were created.
      for (const topic of this.topics) await admin.createTopics({ topics: [topic] });
    } finally {
      await admin.disconnect();
    }
  }
}
