import { randomUUID } from 'node:crypto';
import type { Admin, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { kafkaClient } from './client.js';

/** A message as it lies in a topic. */
export interface TopicMessage {
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition: number;
  /** Decimal digits of a 64-bit integer. */
  readonly offset: string;
}

/**
 * Everything a topic holds now, by partition and offset. For tests and checks: all of it is in memory.
 * @param topic with the environment's prefix.
 */
export async function readTopic(brokers: readonly string[], topic: string): Promise<TopicMessage[]> {
  const kafka = kafkaClient('read-topic', brokers);
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await read(kafka, admin, topic);
  } finally {
    await admin.disconnect();
  }
}

async function read(kafka: Kafka, admin: Admin, topic: string): Promise<TopicMessage[]> {
  const ends = await admin.fetchTopicOffsets(topic);
  const open = new Map(ends.filter(({ low, high }) => BigInt(high) > BigInt(low)).map(({ partition, high }) => [partition, BigInt(high)]));
  if (open.size === 0) return [];

  const groupId = `read-topic-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false });
  const messages: TopicMessage[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      const eachBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
        const { partition } = batch;
        const end = open.get(partition) ?? 0n;
        messages.push(...batch.messages.filter(({ offset }) => BigInt(offset) < end).map((message) => view(partition, message)));
        if (BigInt(batch.lastOffset()) + 1n >= end) open.delete(partition);
        if (open.size === 0) resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  await admin.deleteGroups([groupId]);
  return messages.sort((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
}

function view(partition: number, { key, value, headers, offset }: KafkaMessage): TopicMessage {
  const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]);
  return { key: key?.toString() ?? null, value: value?.toString() ?? '', headers: Object.fromEntries(texts) as Record<string, string>, partition, offset };
}
