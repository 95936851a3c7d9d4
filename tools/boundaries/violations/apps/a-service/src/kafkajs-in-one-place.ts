import { Kafka } from 'kafkajs';

export const used = Kafka;
