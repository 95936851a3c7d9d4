import { campaignOpened, consumers, envelopeOf, type DataOf, type EventContract } from '@cahier/contracts';
import { databaseOptions, platformMigrations } from '@cahier/platform';
import { createTestDatabase, testServers } from '@cahier/testing';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { EventConsumer } from './inbox/event-consumer.js';
import { EventRoutes } from './inbox/event-routes.js';
import type { EventContext } from './inbox/on-event.js';
import { Subscription } from './inbox/subscription.js';
import { messagingEntities, messagingMigrations } from './index.js';
import { kafkaClient } from './kafka/client.js';
import { topicConfig } from './kafka/topics.js';
import { MessagingMetrics } from './messaging-metrics.js';
import { appendToOutbox } from './outbox/append-to-outbox.js';

// Every failure that a test provokes would be told.
Logger.overrideLogger(false);
// Groups are joined and left, servers start and stop, and other tests run beside.
jest.setTimeout(60_000);

/** What the specs of messaging share: a database with an `effect` table, campaigns to speak of, readers that record. */

export const service = 'contribution-service';
export const topic = 'campaign.events';

const options = (url: string, pool = 10) => databaseOptions({ url, pool, applicationName: 'messaging-test', entities: messagingEntities, migrations: [...platformMigrations, ...messagingMigrations] });

/** Empty but for the tables of messaging and `effect`: one row per call of a handler that `recordEffect` stands for. */
export async function database(): Promise<{ url: string; db: DataSource; drop(): Promise<void> }> {
  const database = await createTestDatabase(options);
  await database.db.query('CREATE TABLE effect (n bigint GENERATED ALWAYS AS IDENTITY, event_id uuid, type text, subject text, version int)');
  return database;
}

/** Another pool on the same database, as a second replica has. */
export async function anotherPool(url: string): Promise<DataSource> {
  return new DataSource({ ...options(url, 4), migrationsRun: false }).initialize();
}

type Campaign = DataOf<typeof campaignOpened>;
const sample = (JSON.parse(readFileSync(new URL('../../contracts/samples/campaign.opened.v1.json', import.meta.url), 'utf8')) as { data: Campaign }).data;

export const campaign = (campaignId: string = randomUUID(), changes: Partial<Campaign> = {}): Campaign => ({ ...sample, campaignId, ...changes });

export const at = new Date('2026-10-05T07:00:00.000Z');

/** As it lies in Kafka. */
export const opened = (data: Campaign, version = 1): string => JSON.stringify(envelopeOf(campaignOpened, data, version, at));

export async function append(db: DataSource, data: Campaign, version = 1, contract: EventContract = campaignOpened): Promise<void> {
  await db.transaction((tx) => appendToOutbox(tx, contract, data, version, at));
}

export async function recordEffect(_: unknown, { tx, event }: EventContext): Promise<void> {
  await tx.query('INSERT INTO effect (event_id, type, subject, version) VALUES ($1, $2, $3, $4)', [event.id, event.type, event.subject, event.version]);
}

export async function effects(db: DataSource): Promise<{ subject: string; version: number }[]> {
  return db.query('SELECT subject, version FROM effect ORDER BY n');
}

/** A consumer whose handlers of every declared type are this one function. */
export function consumerOf(db: DataSource, handle: (payload: unknown, context: EventContext) => Promise<void> = recordEffect, batch = false) {
  const routes = new EventRoutes(service);
  const types = Object.values(consumers[service]!).flatMap(({ handled }) => handled.map(({ type }) => type));
  for (const type of types) routes.add(type, { batch, invoke: handle });
  routes.check();
  const registry = new Registry();
  const metrics = new MessagingMetrics(registry, db);
  return { routes, registry, metrics, consumer: new EventConsumer(db, routes, metrics) };
}

export const kafka = (): Kafka => kafkaClient('messaging-test', testServers().kafkaBrokers);

export async function createTopics(client: Kafka, prefix: string): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [topicConfig(`${prefix}${topic}`, 'local')] });
  await admin.disconnect();
}

/** Puts messages into the topic, each into the partition of its key. */
export async function produce(client: Kafka, prefix: string, messages: readonly { key: string; value: string; partition?: number }[]): Promise<void> {
  const producer = client.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic: `${prefix}${topic}`, messages: [...messages] });
  await producer.disconnect();
}

export interface Reader {
  readonly subscription: Subscription;
  readonly gaveUp: unknown[];
}

export function subscriptionOf(client: Kafka, prefix: string, { consumer, metrics }: { consumer: EventConsumer; metrics: MessagingMetrics }): Reader {
  const gaveUp: unknown[] = [];
  const subscription = new Subscription({ kafka: client, prefix, service, topics: [topic], consumer, metrics, giveUp: (error) => gaveUp.push(error) });
  return { subscription, gaveUp };
}

/** Looks until the answer is truthy. @throws Error naming what was waited for. */
export async function eventually<T>(what: string, look: () => Promise<T> | T, withinMs = 20_000): Promise<T> {
  for (const start = performance.now(); performance.now() - start < withinMs; await sleep(50)) {
    const answer = await look();
    if (answer) return answer;
  }
  throw new Error(`Not within ${withinMs} ms: ${what}`);
}

/** What the group has committed, summed over the partitions of the topic. */
export async function committed(client: Kafka, prefix: string): Promise<number> {
  const admin = client.admin();
  await admin.connect();
  const [offsets] = await admin.fetchOffsets({ groupId: `${prefix}${service}`, topics: [`${prefix}${topic}`] });
  await admin.disconnect();
  return offsets!.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}
