import { consumers, topicsWrittenBy, type DataOf, type EventContract } from '@cahier/contracts';
import type { DataSource } from 'typeorm';
import { kafkaClient } from '../kafka/client.js';
import { PATIENCE_MS, quietGroups } from '../kafka/quiet-groups.js';
import type { MessagingConfig } from '../messaging-config.js';
import { outboxValues, type OutboxValues } from '../outbox/append-to-outbox.js';
import { forgetPositionsIn } from '../recovery/topic-positions.js';

/** A fact that a service's tables still hold, with the version and the instant of its event. */
export interface Fact<C extends EventContract = EventContract> {
  readonly contract: C;
  readonly data: DataOf<C>;
  readonly version: number;
  readonly at: Date;
}

const BATCH = 500;

/**
 * Puts facts through the outbox again, in their order, behind what waits there. The same fact is the same event: consumers
 * that have it drop it. A row that is still in the outbox is sent again as it was said then.
 * @returns how many facts.
 */
export async function republish(db: DataSource, facts: AsyncIterable<Fact>): Promise<number> {
  let total = 0;
  // By id: a fact told twice in one statement would be refused.
  let batch = new Map<string, OutboxValues>();
  for await (const { contract, data, version, at } of facts) {
    const values = outboxValues(contract, data, version, at);
    batch.set(values.id, values);
    total++;
    if (batch.size === BATCH) {
      await append(db, [...batch.values()]);
      batch = new Map();
    }
  }
  await append(db, [...batch.values()]);
  return total;
}

async function append(db: DataSource, batch: readonly OutboxValues[]): Promise<void> {
  const column = (name: keyof OutboxValues) => batch.map((values) => values[name]);
  await db.query(
    `INSERT INTO outbox (id, topic, key, envelope, traceparent)
     SELECT id, topic, key, envelope, traceparent
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS fact (id, topic, key, envelope, traceparent, n)
      ORDER BY n
     ON CONFLICT (id) DO UPDATE SET position = DEFAULT, published_at = NULL`,
    [column('id'), column('topic'), column('key'), column('envelope'), column('traceparent')],
  );
}

/** What a service's `republish.ts` tells the command. */
export interface RepublishOptions {
  readonly service: string;
  readonly config: Pick<MessagingConfig, 'KAFKA_BROKERS' | 'TOPIC_PREFIX'>;
  /** Initialised. */
  readonly db: DataSource;
  /** Everything the service has published that its tables still hold, each key's facts in the order of their versions. */
  readonly facts: (db: DataSource) => AsyncIterable<Fact>;
  /** Of the command line, without the program's name. */
  readonly args: readonly string[];
  /** Milliseconds that whoever reads in a group that is to begin anew has to leave it. Default: `PATIENCE_MS`. */
  readonly patienceMs?: number;
}

/**
 * `republish`: tells everything again. The service's relay publishes it, now or when it next runs.
 * `republish --after-loss`: the topics were lost and are empty; makes their readers start from the beginning too, or they
 * would wait at their old position and skip what comes before it. Stop those services first: a group in use is refused.
 * @returns what was done, in a sentence for the operator.
 * @throws Error for an unknown argument, and when a group is in use.
 */
export async function republishCommand({ service, config, db, facts, args, patienceMs = PATIENCE_MS }: RepublishOptions): Promise<string> {
  const unknown = args.filter((arg) => arg !== '--after-loss');
  if (unknown.length > 0) throw new Error(`Unknown argument ${unknown.join(' ')}. Usage: republish [--after-loss]`);

  const forgotten = args.includes('--after-loss') ? await forgetPositions(service, config, patienceMs) : [];
  if (args.includes('--after-loss')) await forgetPositionsIn(db.manager, topicsWrittenBy(service));
  const count = await republish(db, facts(db));
  return `${count} facts of ${service} wait in the outbox.${forgotten.length > 0 ? ` These groups begin anew: ${forgotten.join(', ')}.` : ''}`;
}

/** Deletes the consumer groups that read this publisher's topics; all they have read before is in their inboxes. */
async function forgetPositions(publisher: string, { KAFKA_BROKERS, TOPIC_PREFIX }: RepublishOptions['config'], patienceMs: number): Promise<string[]> {
  const readers = Object.keys(consumers).filter((service) => Object.values(consumers[service]!).some(({ handled, ignored }) => [...handled, ...ignored].some(({ topic }) => topic.publisher === publisher)));
  const admin = kafkaClient('republish', KAFKA_BROKERS).admin();
  await admin.connect();
  try {
    const present = await quietGroups(admin, readers.map((service) => `${TOPIC_PREFIX}${service}`), patienceMs);
    if (present.length > 0) await admin.deleteGroups(present);
    return present;
  } finally {
    await admin.disconnect();
  }
}
