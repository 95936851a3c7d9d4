import { allEvents, envelopeSchema, topicsWrittenBy, type DataOf, type EventContract } from '@cahier/contracts';
import type { INestApplication } from '@nestjs/common';
import type { Admin, Kafka } from 'kafkajs';
import { DataSource, type EntityManager } from 'typeorm';
import { connectHandlers } from '../connect-events.js';
import { EventConsumer } from '../inbox/event-consumer.js';
import { EventRoutes } from '../inbox/event-routes.js';
import { kafkaClient } from '../kafka/client.js';
import { PATIENCE_MS, quietGroups } from '../kafka/quiet-groups.js';
import { publishedId, scanTopic, wholeTopic, type TopicMessage } from '../kafka/read-topic.js';
import type { MessagingConfig } from '../messaging-config.js';
import { RELAY_LOCK } from '../outbox/relay.js';
import { keepPositions } from './topic-positions.js';

/** As many as the consumer handles in one transaction. */
const CHUNK = 500;

/** A fact that the service has said and its database does not know. */
export interface SaidFact<C extends EventContract = EventContract> {
  readonly contract: C;
  readonly id: string;
  readonly version: number;
  readonly at: Date;
  readonly data: DataOf<C>;
}

/** Whether the fact is of this type; narrows its data. */
export const isFact = <C extends EventContract>(fact: SaidFact, contract: C): fact is SaidFact<C> => fact.contract.type === contract.type;

/** What a service's `recover.ts` tells the command. */
export interface RecoverOptions {
  readonly service: string;
  readonly config: Pick<MessagingConfig, 'KAFKA_BROKERS' | 'TOPIC_PREFIX'>;
  /** Created and not initialised: its handlers are there, and nothing of it runs. */
  readonly app: INestApplication;
  /**
   * Makes one fact true again, in `tx`; those of a key come in the order of their versions. Says nothing.
   * @returns what an operator must know of it, if anything.
   */
  readonly adopt: (tx: EntityManager, fact: SaidFact) => Promise<string | undefined>;
  /** Afterwards, once everything was adopted and heard. @returns what an operator must know. */
  readonly settle: (tx: EntityManager) => Promise<readonly string[]>;
  /** Milliseconds that whoever reads in the service's group has to leave it. Default: `PATIENCE_MS`. */
  readonly patienceMs?: number;
}

/**
 * `recover`: brings a database that was restored to an earlier time up to what Kafka remembers, before its service starts.
 * First the facts that the service itself has said since: they are made true again, in the outbox as published, so that
 * nothing new is ever said under their ids. Then what it had heard of others since. Run again, it finds nothing to do.
 * @returns what was done and what an operator must look at, a sentence a line.
 * @throws Error while the service or another `recover` runs; and when the service has run since the restore and said
 * something else under an id that Kafka knows: then only restoring again helps.
 */
export async function recoverCommand(options: RecoverOptions): Promise<readonly string[]> {
  const { service, config, app, patienceMs = PATIENCE_MS } = options;
  const db = app.get(DataSource);
  const kafka = kafkaClient('recover', config.KAFKA_BROKERS);
  const admin = kafka.admin();
  const lock = db.createQueryRunner();
  try {
    await admin.connect();
    await requireAlone(lock, service);
    await quietGroups(admin, [config.TOPIC_PREFIX + service], patienceMs);
    const existing = new Set(await admin.listTopics());
    const topicsOf = (names: readonly string[]): string[] => names.filter((name) => existing.has(config.TOPIC_PREFIX + name));

    const notes: string[] = [];
    let adopted = 0;
    for (const topic of topicsOf(topicsWrittenBy(service))) adopted += await adoptTopic(options, db, kafka, admin, topic, notes);
    connectHandlers(app);
    app.get(EventRoutes).check();
    let heard = 0;
    for (const topic of topicsOf(app.get(EventRoutes).topics)) heard += await hearTopic(app.get(EventConsumer), kafka, admin, config.TOPIC_PREFIX, topic);
    notes.push(...(await db.transaction((tx) => options.settle(tx))));
    return [`${service}: ${adopted} facts that it had said and ${heard} that it had heard are true again.`, ...notes];
  } finally {
    await lock.query('SELECT pg_advisory_unlock_all()');
    await lock.release();
    await admin.disconnect();
  }
}

/** Holds the relay's lock for as long as `lock` is open: nothing is published meanwhile. */
async function requireAlone(lock: Pick<EntityManager, 'query'>, service: string): Promise<void> {
  const [{ locked }] = await lock.query<[{ locked: boolean }]>('SELECT pg_try_advisory_lock($1) AS locked', [RELAY_LOCK]);
  if (!locked) throw new Error(`Another recover, or ${service} itself, is at work. Stop the service first.`);
}

/** @returns how many facts the database did not know. */
async function adoptTopic({ adopt, config }: RecoverOptions, db: DataSource, kafka: Kafka, admin: Admin, topic: string, notes: string[]): Promise<number> {
  const whole = await wholeTopic(admin, config.TOPIC_PREFIX + topic);
  let adopted = 0;
  let foreign = 0;
  await scanTopic(kafka, admin, config.TOPIC_PREFIX + topic, whole, async (messages) => {
    // What no relay wrote is nothing that the service has said. Consumers make a dead letter of it.
    const said = messages.filter((message) => publishedId(message) !== undefined);
    foreign += messages.length - said.length;
    for (const chunk of chunksOf(said)) {
      await db.transaction(async (tx) => {
        const unknown = await rememberSaid(tx, topic, chunk);
        for (const message of unknown) {
          const note = await adopt(tx, saidFact(message.value));
          if (note !== undefined) notes.push(note);
        }
        adopted += unknown.length;
      });
    }
  });
  if (foreign > 0) notes.push(`${foreign} messages in ${topic} were written by somebody else: they are left out.`);
  await keepPositions(db.manager, whole.map(({ partition, to }) => ({ topic, partition, nextOffset: to })));
  return adopted;
}

/** Puts into the outbox, as published, what it does not know. @returns it, in its order. @throws Error when the outbox is about to say something else under one of the ids. */
async function rememberSaid(tx: EntityManager, topic: string, messages: readonly TopicMessage[]): Promise<TopicMessage[]> {
  const column = (name: 'key' | 'value'): (string | null)[] => messages.map((message) => message[name]);
  const ids = messages.map((message) => publishedId(message)!);
  const contradicted: { id: string }[] = await tx.query(
    `SELECT o.id FROM outbox AS o JOIN unnest($1::uuid[], $2::text[]) AS said (id, envelope) ON said.id = o.id
     WHERE o.published_at IS NULL AND o.envelope::jsonb <> said.envelope::jsonb LIMIT 1`,
    [ids, column('value')],
  );
  if (contradicted[0]) throw new Error(`The service has run since the restore: it would say something else as event ${contradicted[0].id} of ${topic}, which Kafka knows. Restore again, and run recover before the service starts.`);
  const inserted: { id: string }[] = await tx.query(
    `INSERT INTO outbox (id, topic, key, envelope, published_at)
     SELECT id, $4, key, envelope, clock_timestamp()
       FROM (SELECT DISTINCT ON (id) * FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS said (id, key, envelope, n) ORDER BY id, n) AS once
      ORDER BY n
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    [ids, column('key'), column('value'), topic],
  );
  const unknown = new Set(inserted.map(({ id }) => id));
  return messages.filter((_, n) => unknown.delete(ids[n]!));
}

/** @param json the envelope. @throws Error for a type that the contracts do not know. */
export function saidFact(json: string): SaidFact {
  const { id, type, data, aggregateversion: version, time } = envelopeSchema.parse(JSON.parse(json));
  const contract = allEvents.find((event) => event.type === type);
  if (!contract) throw new Error(`Kafka holds a ${type}, which the contracts do not know: it was said by a newer version of this service`);
  return { contract, id, version, at: new Date(time), data: contract.data.parse(data) };
}

/** As the subscription would; what was handled before is recognised. @returns how many events were new. */
async function hearTopic(consumer: EventConsumer, kafka: Kafka, admin: Admin, prefix: string, topic: string): Promise<number> {
  let heard = 0;
  await scanTopic(kafka, admin, prefix + topic, await wholeTopic(admin, prefix + topic), async (messages) => {
    for (const chunk of chunksOf(messages)) {
      const { handled } = await consumer.handle(chunk.map(({ partition, offset, value, headers }) => ({ topic, partition, offset, value: Buffer.from(value), traceparent: headers['traceparent'] })));
      heard += handled;
    }
  });
  return heard;
}

function* chunksOf(messages: readonly TopicMessage[]): Generator<readonly TopicMessage[]> {
  for (let from = 0; from < messages.length; from += CHUNK) yield messages.slice(from, from + CHUNK);
}
