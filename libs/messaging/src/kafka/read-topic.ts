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
  /** When it was produced, by the producer's clock; milliseconds since 1970. */
  readonly timestamp: number;
}

/** The id of the fact that a relay has published (`ce_id`); undefined for what somebody else wrote. */
export const publishedId = ({ headers }: TopicMessage): string | undefined => headers['ce_id'];

/** Of one partition: from the first offset up to, without, the second. */
export interface OffsetRange {
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
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
    const messages: TopicMessage[] = [];
    await scanTopic(kafka, admin, topic, await wholeTopic(admin, topic), async (some) => void messages.push(...some));
    return messages.sort((a, b) => a.partition - b.partition || Number(BigInt(a.offset) - BigInt(b.offset)));
  } finally {
    await admin.disconnect();
  }
}

/** Of every partition what it holds now. */
export async function wholeTopic(admin: Admin, topic: string): Promise<OffsetRange[]> {
  const ends = await admin.fetchTopicOffsets(topic);
  return ends.map(({ partition, low, high }) => ({ partition, from: BigInt(low), to: BigInt(high) }));
}

/**
 * Hands on what lies in the ranges, a part of one partition at a time and in the order of its offsets; no more than one part is in memory.
 * Nobody's position moves: the group that it needs is removed again.
 * @param topic with the environment's prefix.
 */
export async function scanTopic(kafka: Kafka, admin: Admin, topic: string, ranges: readonly OffsetRange[], take: (messages: readonly TopicMessage[]) => Promise<void>): Promise<void> {
  const open = new Map(ranges.filter(({ from, to }) => to > from).map((range) => [range.partition, range]));
  if (open.size === 0) return;

  const groupId = `read-topic-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
        const { batch } = payload;
        const range = open.get(batch.partition);
        if (!range) return;
        const wanted = batch.messages.filter(({ offset }) => BigInt(offset) >= range.from && BigInt(offset) < range.to);
        try {
          if (wanted.length > 0) await take(wanted.map((message) => view(batch.partition, message)));
        } catch (error) {
          // The caller's own, at once: kafkajs would try again and wrap it.
          reject(error instanceof Error ? error : new Error(String(error)));
          throw error;
        }
        await payload.heartbeat();
        if (BigInt(batch.lastOffset()) + 1n >= range.to) open.delete(batch.partition);
        if (open.size === 0) resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
      for (const { partition, from } of open.values()) consumer.seek({ topic, partition, offset: String(from) });
    });
  } finally {
    await consumer.disconnect();
  }
  await admin.deleteGroups([groupId]);
}

function view(partition: number, { key, value, headers, offset, timestamp }: KafkaMessage): TopicMessage {
  const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(text)]);
  return { key: key?.toString() ?? null, value: value?.toString() ?? '', headers: Object.fromEntries(texts) as Record<string, string>, partition, offset, timestamp: Number(timestamp) };
}
