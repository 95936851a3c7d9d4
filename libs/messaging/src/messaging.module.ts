import { allEvents } from '@cahier/contracts';
import { Metrics, Readiness } from '@cahier/platform';
import { Module, type BeforeApplicationShutdown, type DynamicModule, type FactoryProvider, type OnApplicationBootstrap } from '@nestjs/common';
import { Kafka } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { DeadLetterController } from './dead-letters/dead-letter.controller.js';
import { DeadLetterQueries } from './dead-letters/dead-letter.queries.js';
import { DiscardDeadLetter } from './dead-letters/discard-dead-letter.use-case.js';
import { ReplayDeadLetter } from './dead-letters/replay-dead-letter.use-case.js';
import { EventConsumer } from './inbox/event-consumer.js';
import { EventRoutes } from './inbox/event-routes.js';
import { EventTransport } from './inbox/event-transport.js';
import { Subscription } from './inbox/subscription.js';
import { kafkaClient } from './kafka/client.js';
import { topicConfig, TopicCreation } from './kafka/topics.js';
import { STOP_WITHIN_MS } from './inbox/subscription.js';
import type { MessagingConfig } from './messaging-config.js';
import { MessagingMetrics } from './messaging-metrics.js';
import { Housekeeping } from './outbox/housekeeping.js';
import { Relay } from './outbox/relay.js';

export interface MessagingOptions {
  /** Name of the service in the contracts: its consumer group, and the publisher of its topics. */
  readonly service: string;
  readonly config: MessagingConfig;
  /** Published outbox rows stay for ever, as the audit of what was said; otherwise they go when Kafka has dropped them too. */
  readonly keepPublished: boolean;
  /** Whether the service is not ready while it cannot read events. False where a broker's outage must not take the service away. */
  readonly readinessNeedsBroker?: boolean;
}

/** Events in and out of one service, on its own database. Nothing here waits for the broker. */
@Module({})
export class MessagingModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(private readonly relay: Relay, private readonly topics: TopicCreation, private readonly housekeeping: Housekeeping) {}

  static forRoot(options: MessagingOptions): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      controllers: [DeadLetterController],
      providers: providersOf(options),
      exports: [Relay, EventConsumer, EventRoutes, EventTransport],
    };
  }

  onApplicationBootstrap(): void {
    this.topics.start();
    this.relay.start();
    this.housekeeping.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const stopped = Promise.all([this.topics.stop(), this.relay.stop(), this.housekeeping.stop()]);
    await Promise.race([stopped, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
  }
}

function providersOf({ service, config, keepPublished, readinessNeedsBroker = true }: MessagingOptions): FactoryProvider[] {
  const prefix = config.TOPIC_PREFIX;
  return [
    { provide: Kafka, useFactory: () => kafkaClient(service, config.KAFKA_BROKERS) },
    { provide: MessagingMetrics, useFactory: ({ registry }: Metrics, db: DataSource) => new MessagingMetrics(registry, db), inject: [Metrics, DataSource] },
    {
      provide: TopicCreation,
      useFactory: (kafka: Kafka, routes: EventRoutes) => {
        const topics = topicsOf(service, routes).map((topic) => topicConfig(`${prefix}${topic}`, config.DURABILITY_PROFILE));
        return new TopicCreation({ kafka, topics, durability: config.DURABILITY_PROFILE, giveUp });
      },
      inject: [Kafka, EventRoutes],
    },
    { provide: Relay, useFactory: (db: DataSource, kafka: Kafka, metrics: MessagingMetrics) => new Relay(db, { kafka, prefix, pollMs: config.OUTBOX_POLL_MS, metrics }), inject: [DataSource, Kafka, MessagingMetrics] },
    { provide: Housekeeping, useFactory: (db: DataSource) => new Housekeeping(db, keepPublished), inject: [DataSource] },
    { provide: EventRoutes, useFactory: () => new EventRoutes(service) },
    { provide: EventConsumer, useFactory: (db: DataSource, routes: EventRoutes, metrics: MessagingMetrics) => new EventConsumer(db, routes, metrics), inject: [DataSource, EventRoutes, MessagingMetrics] },
    {
      provide: Subscription,
      useFactory: (kafka: Kafka, routes: EventRoutes, consumer: EventConsumer, metrics: MessagingMetrics, readiness: Readiness) => {
        const subscription = new Subscription({ kafka, prefix, service, topics: routes.topics, consumer, metrics, giveUp });
        if (readinessNeedsBroker && routes.topics.length > 0) readiness.add('events', async () => subscription.check());
        return subscription;
      },
      inject: [Kafka, EventRoutes, EventConsumer, MessagingMetrics, Readiness],
    },
    { provide: EventTransport, useFactory: (routes: EventRoutes, subscription: Subscription) => new EventTransport(routes, subscription), inject: [EventRoutes, Subscription] },
    { provide: DeadLetterQueries, useFactory: (db: DataSource) => new DeadLetterQueries(db), inject: [DataSource] },
    { provide: ReplayDeadLetter, useFactory: (db: DataSource, routes: EventRoutes) => new ReplayDeadLetter(db, routes), inject: [DataSource, EventRoutes] },
    { provide: DiscardDeadLetter, useFactory: (db: DataSource) => new DiscardDeadLetter(db), inject: [DataSource] },
  ];
}

/** Those the service writes, and those it reads: whoever comes first creates them. */
function topicsOf(service: string, routes: EventRoutes): string[] {
  const written = allEvents.filter(({ topic }) => topic.publisher === service).map(({ topic }) => topic.name);
  return [...new Set([...written, ...routes.topics])];
}

/** Ends the process in the ordinary way, so that whoever runs it starts it anew and sees that it failed. */
function giveUp(): void {
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}
