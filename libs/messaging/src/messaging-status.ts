import type { Status } from '@cahier/platform';
import type { Kafka } from 'kafkajs';
import type { DataSource } from 'typeorm';
import { openDeadLetters } from './dead-letters/open-dead-letters.js';
import { consumerLag } from './kafka/consumer-lag.js';
import { outboxAgeMs } from './outbox/outbox-age.js';

/** What somebody who looks now is told: is anything waiting to be said, waiting to be heard, or given up? */
export class MessagingStatus {
  /** @param group and @param topics as Kafka knows them. */
  constructor(status: Status, db: DataSource, kafka: Kafka, group: string, topics: readonly string[]) {
    status.add('outbox-age-seconds', async () => Math.round((await outboxAgeMs(db)) / 1_000));
    status.add('dead-letters', () => openDeadLetters(db));
    if (topics.length > 0) status.add('consumer-lag-messages', () => consumerLag(kafka, group, topics));
  }
}
