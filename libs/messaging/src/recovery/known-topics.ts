import { Logger } from '@nestjs/common';
import type { Admin, Kafka } from 'kafkajs';
import type { DataSource } from 'typeorm';
import { readMessage } from '../inbox/read-message.js';
import type { EventRoutes } from '../inbox/event-routes.js';
import { publishedId, scanTopic, wholeTopic, type OffsetRange, type TopicMessage } from '../kafka/read-topic.js';
import { RETENTION_DAYS } from '../kafka/topics.js';
import { keepPositions, positionsOf } from './topic-positions.js';

/** An older message tells nothing: its outbox row may have been removed since. */
const TELLING_MS = (RETENTION_DAYS - 1) * 24 * 3_600_000;

/** The database was put back to an earlier time: Kafka remembers what it does not. */
export class DatabaseRestored extends Error {
  constructor(what: string) {
    super(`${what}: this database was restored to an earlier time. Nothing runs on it before \`node dist/recover.js\` has (docs/runbooks/restore.md).`);
  }
}

export interface KnownTopicsOptions {
  readonly db: DataSource;
  readonly kafka: Kafka;
  /** Put before the names of topics and groups. */
  readonly prefix: string;
  /** The consumer group, without the prefix. */
  readonly service: string;
  /** The topics that the service writes, without the prefix. */
  readonly written: readonly string[];
  /** The topics that it reads, and what it handles of them. */
  readonly routes: EventRoutes;
}

/**
 * Whether the database knows all that it has said and all that it has handled: each message of the topics it writes is
 * in its outbox, each that its group has passed was handled. It looks behind the positions only, where usually nothing lies.
 */
export class KnownTopics {
  private readonly logger = new Logger(KnownTopics.name);
  private asked: Promise<void> | undefined;

  constructor(private readonly options: KnownTopicsOptions) {}

  /**
   * Asks once in the life of a process.
   * @throws DatabaseRestored; what kafkajs throws while the broker is away, and then asks again the next time.
   */
  require(): Promise<void> {
    this.asked ??= this.compare().catch((error: unknown) => {
      this.asked = undefined;
      throw error;
    });
    return this.asked;
  }

  private async compare(): Promise<void> {
    const { kafka, prefix, written, routes } = this.options;
    const admin = kafka.admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      const existing = new Set(await admin.listTopics());
      for (const topic of written) if (existing.has(prefix + topic)) await this.compareSaid(admin, topic);
      for (const topic of routes.topics) if (existing.has(prefix + topic)) await this.compareHandled(admin, topic);
    } finally {
      await admin.disconnect();
    }
  }

  private async compareSaid(admin: Admin, topic: string): Promise<void> {
    const { db, prefix } = this.options;
    const positions = await positionsOf(db, topic);
    const whole = await wholeTopic(admin, prefix + topic);
    if (whole.some(({ partition, to }) => to < (positions.get(partition) ?? 0n))) {
      this.logger.error(`${topic} holds less than was published: Kafka has lost a part of it. Tell everything again: \`node dist/republish.js --after-loss\` (docs/runbooks/restore.md).`);
    }
    const unknown = await this.unknown(admin, topic, behind(whole, positions), async (messages) => {
      const telling = messages.filter(({ timestamp }) => timestamp > Date.now() - TELLING_MS);
      const ids = new Set(telling.flatMap((message) => publishedId(message) ?? []));
      const known: unknown[] = await db.query('SELECT FROM outbox WHERE id = ANY($1::uuid[])', [[...ids]]);
      return ids.size - known.length;
    });
    if (unknown > 0) throw new DatabaseRestored(`${topic} holds ${unknown} events that the outbox does not know`);
    await keepPositions(db.manager, whole.map(({ partition, to }) => ({ topic, partition, nextOffset: to })));
  }

  private async compareHandled(admin: Admin, topic: string): Promise<void> {
    const { db, prefix, service, routes } = this.options;
    const positions = await positionsOf(db, topic);
    const [offsets] = await admin.fetchOffsets({ groupId: prefix + service, topics: [prefix + topic] });
    const passed = new Map(offsets?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    const ranges = (await wholeTopic(admin, prefix + topic)).map((range) => ({ ...range, to: least(range.to, passed.get(range.partition) ?? 0n) }));
    const unhandled = await this.unknown(admin, topic, behind(ranges, positions), async (messages) => {
      const ids = new Set(messages.flatMap(({ partition, offset, value }) => {
        const reading = readMessage({ topic, partition, offset, value: Buffer.from(value) }, (type) => routes.contractOf(topic, type));
        return reading.kind === 'event' ? [reading.event.id] : [];
      }));
      const known: unknown[] = await db.query('SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[]) UNION SELECT event_id FROM dead_letter WHERE event_id = ANY($1::uuid[])', [[...ids]]);
      return ids.size - known.length;
    });
    if (unhandled > 0) throw new DatabaseRestored(`${unhandled} events of ${topic} were handled and have left no trace`);
  }

  private async unknown(admin: Admin, topic: string, ranges: readonly OffsetRange[], count: (messages: readonly TopicMessage[]) => Promise<number>): Promise<number> {
    let total = 0;
    await scanTopic(this.options.kafka, admin, this.options.prefix + topic, ranges, async (messages) => {
      total += await count(messages);
    });
    return total;
  }
}

/** What of the ranges lies at or after the positions; all of a partition that does not reach so far: it is another one by the same name. */
function behind(ranges: readonly OffsetRange[], positions: ReadonlyMap<number, bigint>): OffsetRange[] {
  return ranges.map((range) => {
    const position = positions.get(range.partition) ?? 0n;
    return position > range.to ? range : { ...range, from: greatest(range.from, position) };
  });
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const greatest = (a: bigint, b: bigint): bigint => (a < b ? b : a);
