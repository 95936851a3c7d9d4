import { Partitioners, type Message } from 'kafkajs';
import { kafkaClient } from './client.js';

/**
 * Puts messages into a topic past every outbox, each into the partition of its key: what somebody else may write, or the broker
 * deliver again. For tests and checks.
 * @param topic with the environment's prefix.
 */
export async function writeTopic(brokers: readonly string[], topic: string, messages: readonly Pick<Message, 'key' | 'value' | 'headers'>[]): Promise<void> {
  const producer = kafkaClient('write-topic', brokers).producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
  await producer.connect();
  try {
    await producer.send({ topic, acks: -1, messages: [...messages] });
  } finally {
    await producer.disconnect();
  }
}
