import { awaitedElsewhere, backOff, describeFailure, failpoint, Loop, within, type Next } from '@cahier/platform';
import { Logger } from '@nestjs/common';
import { Partitioners, type Kafka, type Message, type Producer, type RecordMetadata, type TopicMessages } from 'kafkajs';
import type { DataSource, EntityManager } from 'typeorm';
import { describeKafkaError } from '../kafka/client.js';
import type { MessagingMetrics } from '../messaging-metrics.js';
import { DatabaseRestored, type KnownTopics } from '../recovery/known-topics.js';
import { keepPositions, type TopicPosition } from '../recovery/topic-positions.js';
import { recordPublishing } from './record-publishing.js';

/** One active relay per database: two would send the events of one key in any order. `relay` in ASCII. */
export const RELAY_LOCK = 0x72_65_6c_61_79;
const MAX_ROWS = 500;
/** Of one send; the broker's own limit holds for each partition, which gets no more than all. A single larger event goes alone. */
const MAX_BYTES = 900_000;
/** Longer than kafkajs needs to give up by itself: past this it never will. */
const SEND_WITHIN_MS = 45_000;

interface OutboxRow {
  readonly position: string;
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly envelope: string;
  readonly traceparent: string | null;
}

export interface RelayOptions {
  readonly kafka: Kafka;
  /** Put before the names of topics. */
  readonly prefix: string;
  /** Pause between looks at an empty outbox, in milliseconds. */
  readonly pollMs: number;
  readonly metrics: MessagingMetrics;
  /** Asked before the first event is published. */
  readonly known?: KnownTopics;
  /** The database is older than what it has said: nothing may be published. */
  readonly giveUp?: (error: unknown) => void;
}

/**
 * Moves committed outbox rows to Kafka: each at least once, those of one key in order. Runs in every replica; a lock in the
 * database lets one at a time work. Rows are marked one by one rather than passed by a cursor, so that a transaction
 * that commits late with an early position is not skipped.
 */
export class Relay {
  private readonly logger = new Logger(Relay.name);
  private producer: Producer | undefined;
  private readonly loop = new Loop(() => this.step());
  private failures = 0;
  private working: Promise<unknown> = Promise.resolve();

  constructor(private readonly db: DataSource, private readonly options: RelayOptions) {}

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await this.producer?.disconnect();
  }

  /** Something was committed: look now rather than at the next poll. Never waits. */
  wake(): void {
    this.loop.wake();
  }

  /**
   * Publishes what is committed and not yet published.
   * @returns how many; 0 also while another replica's relay is at work.
   * @throws when the broker or the database is away.
   */
  async drain(): Promise<number> {
    for (let total = 0; ; ) {
      const published = await this.inTurn(() => this.publishSome());
      if (published === 0) return total;
      total += published;
    }
  }

  private async step(): Promise<Next> {
    try {
      const published = await this.inTurn(() => this.publishSome());
      if (this.failures > 0) this.logger.log('Events are published again');
      this.failures = 0;
      return published > 0 ? 0 : this.options.pollMs;
    } catch (error) {
      this.failures++;
      this.dropProducer();
      if (error instanceof DatabaseRestored) {
        this.logger.error(error.message);
        this.options.giveUp?.(error);
        return 'done';
      }
      if (this.failures === 1) this.logger.warn(`Events wait in the outbox: ${describeKafkaError(error)} / ${describeFailure(error)}`);
      return backOff(this.failures, 5_000);
    }
  }

  /** The background and `drain` share one process, hence one side of the lock: one after the other. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.working.then(work, work);
    this.working = awaitedElsewhere(turn);
    return turn;
  }

  private async publishSome(): Promise<number> {
    // The usual answer, for one cheap look: nothing to do. Without the order PostgreSQL may read the whole table, where its statistics are of a busier hour.
    const waiting: unknown[] = await this.db.query('SELECT 1 FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT 1');
    if (waiting.length === 0) return 0;
    const producer = await this.connected();
    const begun = performance.now();
    const published = await this.db.transaction(async (tx) => {
      // The one network call inside a transaction of the whole system: nothing is locked but the relay itself.
      if (!(await lockRelay(tx))) return 0;
      const rows = await oldest(tx);
      if (rows.length === 0) return 0;
      const sent = await recordPublishing(rows, (traced) => within(SEND_WITHIN_MS, producer.sendBatch({ acks: -1, topicMessages: byTopic(traced, this.options.prefix) })));
      await failpoint('relay-before-mark');
      await keepPositions(tx, this.reached(sent));
      await tx.query('UPDATE outbox SET published_at = clock_timestamp() WHERE position = ANY($1::bigint[])', [rows.map(({ position }) => position)]);
      return rows.length;
    });
    if (published > 0) this.options.metrics.hasPublished(published, (performance.now() - begun) / 1_000);
    return published;
  }

  /** What lies before a batch was said by this database too; of the batch itself only the place of its first message is told. */
  private reached(sent: readonly RecordMetadata[]): TopicPosition[] {
    return sent.map(({ topicName, partition, baseOffset }) => ({ topic: topicName.slice(this.options.prefix.length), partition, nextOffset: BigInt(baseOffset ?? 0) }));
  }

  private async connected(): Promise<Producer> {
    if (this.producer) return this.producer;
    await this.options.known?.require();
    const producer = this.options.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false, retry: { retries: 2 } });
    await producer.connect();
    return (this.producer = producer);
  }

  /** kafkajs may keep a connection on which nothing is answered any more: after a failure the next attempt makes its own. */
  private dropProducer(): void {
    this.producer?.disconnect().catch((error: unknown) => this.logger.debug(`disconnect: ${describeKafkaError(error)}`));
    this.producer = undefined;
  }
}

async function lockRelay(tx: EntityManager): Promise<boolean> {
  const [row] = await tx.query<[{ locked: boolean }]>('SELECT pg_try_advisory_xact_lock($1) AS locked', [RELAY_LOCK]);
  return row.locked;
}

async function oldest(tx: EntityManager): Promise<OutboxRow[]> {
  return tx.query<OutboxRow[]>(
    `SELECT position, id, topic, key, envelope, traceparent
       FROM (SELECT *, sum(octet_length(envelope)) OVER (ORDER BY position) AS bytes
               FROM (SELECT position, id, topic, key, envelope, traceparent FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT $1) AS head) AS weighed
      WHERE bytes <= $2 OR bytes = octet_length(envelope)
      ORDER BY position`,
    [MAX_ROWS, MAX_BYTES],
  );
}

function byTopic(rows: readonly OutboxRow[], prefix: string): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const row of rows) {
    const messages = topics.get(row.topic) ?? [];
    messages.push(message(row));
    topics.set(row.topic, messages);
  }
  return [...topics].map(([topic, messages]) => ({ topic: `${prefix}${topic}`, messages }));
}

function message({ id, key, envelope, traceparent }: OutboxRow): Message {
  const { type } = JSON.parse(envelope) as { type: string };
  return { key, value: envelope, headers: { ce_id: id, ce_type: type, ...(traceparent === null ? {} : { traceparent }) } };
}
