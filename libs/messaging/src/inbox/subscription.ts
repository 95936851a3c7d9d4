import { backOff, describeFailure, failpoint, Loop, type Next } from '@cahier/platform';
import { Logger } from '@nestjs/common';
import type { Consumer, EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPassing } from '../failure.js';
import { describeKafkaError, isBrokerTrouble } from '../kafka/client.js';
import type { MessagingMetrics } from '../messaging-metrics.js';
import { DatabaseRestored, type KnownTopics } from '../recovery/known-topics.js';
import type { EventConsumer } from './event-consumer.js';
import type { IncomingMessage } from './read-message.js';
import { whileAlive } from './while-alive.js';

/** What waits for the broker is left behind when the service stops: others of its parts need time to end, too. */
export const STOP_WITHIN_MS = 4_000;
/** Messages that are handled in one transaction. */
const CHUNK = 500;
const HEARTBEAT_MS = 2_000;
/** The broker misses a process that was killed after so long. */
export const SESSION_TIMEOUT_MS = 10_000;
/** A member that has heard nothing from the broker for so long is none, whatever kafkajs says. */
const SILENCE_MS = 2 * SESSION_TIMEOUT_MS;
/** The process gives up at the fifth failure that nothing being away explains, within ten minutes. */
const PATIENCE = { failures: 5, withinMs: 600_000 };

export interface SubscriptionOptions {
  readonly kafka: Kafka;
  /** Put before the names of topics and group. */
  readonly prefix: string;
  /** The consumer group, without the prefix. */
  readonly service: string;
  /** Names without the prefix. */
  readonly topics: readonly string[];
  readonly consumer: EventConsumer;
  readonly metrics: MessagingMetrics;
  /** Asked before the first message is read. */
  readonly known?: KnownTopics;
  /** The consumer cannot be brought to work, and nothing is away: a wrong setting, or a bug. */
  readonly giveUp: (error: unknown) => void;
}

/**
 * A member of the service's consumer group that stays one: when kafkajs crashes or stops, it is replaced. Offsets are
 * committed after the database; while the database is away nothing is committed, and messages wait in Kafka.
 */
export class Subscription {
  private readonly logger = new Logger(Subscription.name);
  private readonly loop = new Loop(() => this.live());
  private trouble: string | undefined = 'not yet a member of the group';
  private failures = 0;
  private unexplained: number[] = [];
  private lastAnswer = 0;
  private stopping = false;
  private endLife: (cause: unknown) => void = () => undefined;

  constructor(private readonly options: SubscriptionOptions) {}

  start(): void {
    this.loop.start();
  }

  /** Finishes the present chunk, leaves the group. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.endLife(undefined);
    await this.loop.stop();
  }

  /** @throws Error with the reason while no events can be handled. */
  check(): void {
    if (this.trouble !== undefined) throw new Error(`Events are not handled: ${this.trouble}`);
    if (performance.now() > this.lastAnswer + SILENCE_MS) throw new Error('Events are not handled: the broker is silent');
  }

  /** One consumer, from its creation to its end. */
  private async live(): Promise<Next> {
    const { kafka, prefix, service } = this.options;
    const consumer = kafka.consumer({
      groupId: `${prefix}${service}`,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      // How long the broker may wait for something to say: stopping waits as long.
      maxWaitTimeInMs: 200,
      maxBytesPerPartition: 2 * 1024 * 1024,
      allowAutoTopicCreation: false,
      metadataMaxAge: 60_000,
      // kafkajs restarts by itself in some cases and is silently dead in others: here it never does, and every end is seen.
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 4, restartOnFailure: async () => false },
    });
    const ended = new Promise<unknown>((resolve) => {
      this.endLife = resolve;
      consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error));
      // Before a crash comes a stop: only one that nothing follows is a reason by itself.
      consumer.on(consumer.events.STOP, () => void sleep(5_000, undefined, { ref: false }).then(() => resolve(new Error('stopped'))));
    });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      this.failures = 0;
      this.trouble = undefined;
      this.options.metrics.forgetLags();
      this.heard();
    });
    consumer.on(consumer.events.FETCH, () => this.heard());
    consumer.on(consumer.events.HEARTBEAT, () => this.heard());

    const cause = await Promise.race([ended, this.begin(consumer)]);
    await Promise.race([consumer.disconnect().catch((error: unknown) => this.logger.debug(`disconnect: ${describeKafkaError(error)}`)), sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    return this.stopping ? 'done' : this.afterFailure(cause);
  }

  /** Resolves only on failure, with it. */
  private async begin(consumer: Consumer): Promise<unknown> {
    try {
      await this.options.known?.require();
      await consumer.connect();
      await consumer.subscribe({ topics: this.options.topics.map((topic) => `${this.options.prefix}${topic}`), fromBeginning: true });
      await consumer.run({ eachBatchAutoResolve: false, eachBatch: (payload) => this.handleBatch(payload) });
    } catch (error) {
      return error;
    }
    return new Promise(() => undefined);
  }

  private heard(): void {
    this.lastAnswer = performance.now();
  }

  private afterFailure(cause: unknown): Next {
    this.failures++;
    this.trouble = describeKafkaError(cause);
    if (this.failures === 1) this.logger.warn(`The consumer ended and is replaced: ${this.trouble}`);
    if (cause instanceof DatabaseRestored || (!isBrokerTrouble(cause) && this.isTooMuch())) {
      this.logger.error(`The consumer cannot work: ${cause instanceof DatabaseRestored ? cause.message : this.trouble}`);
      this.options.giveUp(cause);
      return 'done';
    }
    return backOff(this.failures, 5_000);
  }

  private isTooMuch(): boolean {
    const now = performance.now();
    this.unexplained = [...this.unexplained.filter((at) => at > now - PATIENCE.withinMs), now];
    return this.unexplained.length >= PATIENCE.failures;
  }

  private async handleBatch(payload: EachBatchPayload): Promise<void> {
    const { topic: prefixed, partition, messages, highWatermark } = payload.batch;
    const topic = prefixed.slice(this.options.prefix.length);

    for (let from = 0; from < messages.length; from += CHUNK) {
      const chunk = messages.slice(from, from + CHUNK);
      if (!(await this.handleChunk(chunk.map((message) => incoming(topic, partition, message)), payload))) return;
      await failpoint('consumer-before-offset-commit');
      const last = chunk.at(-1)!.offset;
      payload.resolveOffset(last);
      await payload.heartbeat();
      this.options.metrics.lags(topic, partition, Math.max(0, Number(BigInt(highWatermark) - BigInt(last) - 1n)));
    }
  }

  /** Tries until it is handled. @returns false when it was given back: the partition is another's now, or the service stops. */
  private async handleChunk(chunk: readonly IncomingMessage[], payload: EachBatchPayload): Promise<boolean> {
    const heartbeat = () => payload.heartbeat();
    const isOurs = () => payload.isRunning() && !payload.isStale() && !this.stopping;
    for (let failures = 0; isOurs(); ) {
      try {
        await whileAlive(heartbeat, HEARTBEAT_MS, () => this.options.consumer.handle(chunk, heartbeat));
        if (failures > 1) this.trouble = undefined;
        return true;
      } catch (error) {
        if (!isPassing(error)) throw error;
        failures++;
        // A lost race between two transactions is over at once; what is away may stay away.
        if (failures === 2) {
          this.trouble = describeFailure(error);
          this.logger.warn(`Handling waits: ${this.trouble}`);
        }
      }
      await sleep(backOff(failures, HEARTBEAT_MS));
      await heartbeat();
    }
    return false;
  }
}

function incoming(topic: string, partition: number, { offset, value, headers }: KafkaMessage): IncomingMessage {
  return { topic, partition, offset, value: value ?? Buffer.alloc(0), traceparent: headerText(headers, 'traceparent') };
}

function headerText(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return Array.isArray(value) ? value[0]?.toString() : value?.toString();
}
