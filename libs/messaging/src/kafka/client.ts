import './kafkajs-patch.js';
import { Logger } from '@nestjs/common';
import { Kafka, logLevel, type LogEntry } from 'kafkajs';

/**
 * A client with short time-outs: whoever uses it retries by itself and reports, rather than hanging.
 * kafkajs' own messages are for debugging: what it calls an error it mostly repairs itself, and it says so ten times a second.
 */
export function kafkaClient(clientId: string, brokers: readonly string[]): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 4 },
    logLevel: logLevel.WARN,
    logCreator,
  });
}

const logger = new Logger('kafkajs');

function logCreator(): (entry: LogEntry) => void {
  return ({ namespace, log }) => logger.debug(`${namespace}: ${log.message}${typeof log['error'] === 'string' ? ` (${log['error']})` : ''}`);
}

/** The deepest cause: kafkajs wraps what happened in what it then gave up. */
export function rootCause(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootCause(error.cause) : error;
}

const REACHABILITY = new Set([
  'KafkaJSConnectionError', 'KafkaJSConnectionClosedError', 'KafkaJSRequestTimeoutError', 'KafkaJSNoBrokerAvailableError', 'KafkaJSBrokerNotFound',
  'KafkaJSGroupCoordinatorNotFound', 'KafkaJSMetadataNotLoaded', 'KafkaJSTopicMetadataNotLoaded', 'KafkaJSStaleTopicMetadataAssignment', 'KafkaJSLockTimeout', 'KafkaJSTimeout',
]);

/** Whether waiting can help: the broker is away, starting, electing or rebalancing, or a topic does not exist yet. */
export function isBrokerTrouble(error: unknown): boolean {
  const cause = rootCause(error);
  if (!(cause instanceof Error)) return false;
  if ('errors' in cause && Array.isArray(cause.errors)) return cause.errors.every(isBrokerTrouble);
  if (REACHABILITY.has(cause.name)) return true;
  // Protocol errors say themselves whether a retry can help; so do the socket's.
  if ('retriable' in cause) return cause.retriable === true;
  return 'code' in cause && typeof cause.code === 'string' && /^E[A-Z]+$/.test(cause.code);
}

/** Class and code, in one line, with nothing of what was being sent. */
export function describeKafkaError(error: unknown): string {
  const cause = rootCause(error);
  if (!(cause instanceof Error)) return 'unknown';
  const type = 'type' in cause && typeof cause.type === 'string' ? cause.type : 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  return type === undefined ? cause.name : `${cause.name} ${type}`;
}
