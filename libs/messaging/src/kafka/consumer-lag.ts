import type { Kafka } from 'kafkajs';

/** Messages that Kafka holds and the group has not handled, by Kafka's own word: true also while no consumer runs. @throws while the broker is away. */
export async function consumerLag(kafka: Kafka, groupId: string, topics: readonly string[]): Promise<number> {
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    const groups = await admin.fetchOffsets({ groupId, topics: [...topics] });
    let lag = 0;
    for (const { topic, partitions } of groups) {
      const handled = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      // A group without a position (-1) begins at the oldest that is kept.
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) lag += Number(high) - Math.max(Number(low), handled.get(partition) ?? -1);
    }
    return lag;
  } finally {
    await admin.disconnect();
  }
}
