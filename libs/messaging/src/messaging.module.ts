import { topicsWrittenBy } from '@cahier/contracts';
import { giveUp, Metrics, Readiness, Status } from '@cahier/platform';
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
import { MessagingStatus } from './messaging-status.js';
import { KnownTopics } from './recovery/known-topics.js';
import { Relay } from './outbox/relay.js';
import { RepublishController } from './republish/republish.controller.js';
import type { Fact } from './republish/republish.js';
import { TellAgain } from './republish/tell-again.use-case.js';

export interface MessagingOptions {
  /** Name of the service in the contracts: its consumer group, and the publisher of its topics. */
  readonly service: string;
  readonly config: MessagingConfig;
  /** Everything the service has said that its tables still hold, for whoever must hear it again. */
  readonly facts: (db: DataSource) => AsyncIterable<Fact>;
  /** Whether the service is not ready while it cannot read events. False where a broker's outage must not take the service away. */
  readonly readinessNeedsBroker?: boolean;
}

/** Events in and out of one service, on its own database. Nothing here waits for the broker. */
@Module({})
export class MessagingModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(private readonly relay: Relay, private readonly topics: TopicCreation) {}

  static forRoot(options: MessagingOptions): DynamicModule {
    return {
      module: MessagingModule,
      global: true,
      controllers: [DeadLetterController, RepublishController],
      providers: providersOf(options),
      exports: [Relay, EventConsumer, EventRoutes, EventTransport],
    };
  }

  onApplicationBootstrap(): void {
    this.topics.start();
    this.relay.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const stopped = Promise.all([this.topics.stop(), this.relay.stop()]);
    await Promise.race([stopped, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
  }
}

function providersOf({ service, config, facts, readinessNeedsBroker = true }: MessagingOptions): FactoryProvider[] {
  const prefix = config.TOPIC_PREFIX;
  return [
    { provide: Kafka, useFactory: () => kafkaClient(service, config.KAFKA_BROKERS) },
    { provide: MessagingMetrics, useFactory: ({ registry }: Metrics, db: DataSource) => new MessagingMetrics(registry, db), inject: [Metrics, DataSource] },
    {
      provide: MessagingStatus,
      useFactory: (status: Status, db: DataSource, kafka: Kafka, routes: EventRoutes) => new MessagingStatus(status, db, kafka, `${prefix}${service}`, routes.topics.map((topic) => `${prefix}${topic}`)),
      inject: [Status, DataSource, Kafka, EventRoutes],
    },
    {
      provide: TopicCreation,
      useFactory: (kafka: Kafka, routes: EventRoutes) => {
        const topics = topicsOf(service, routes).map((topic) => topicConfig(`${prefix}${topic}`, config.DURABILITY_PROFILE));
        return new TopicCreation({ kafka, topics, durability: config.DURABILITY_PROFILE, giveUp });
      },
      inject: [Kafka, EventRoutes],
    },
    { provide: KnownTopics, useFactory: (db: DataSource, kafka: Kafka, routes: EventRoutes) => new KnownTopics({ db, kafka, prefix, service, written: topicsWrittenBy(service), routes }), inject: [DataSource, Kafka, EventRoutes] },
    {
      provide: Relay,
      useFactory: (db: DataSource, kafka: Kafka, metrics: MessagingMetrics, known: KnownTopics) => new Relay(db, { kafka, prefix, pollMs: config.OUTBOX_POLL_MS, metrics, known, giveUp }),
      inject: [DataSource, Kafka, MessagingMetrics, KnownTopics],
    },
    { provide: TellAgain, useFactory: (db: DataSource, relay: Relay) => new TellAgain(db, relay, facts), inject: [DataSource, Relay] },
    { provide: EventRoutes, useFactory: () => new EventRoutes(service) },
    { provide: EventConsumer, useFactory: (db: DataSource, routes: EventRoutes, metrics: MessagingMetrics) => new EventConsumer(db, routes, metrics), inject: [DataSource, EventRoutes, MessagingMetrics] },
    {
      provide: Subscription,
      useFactory: (kafka: Kafka, routes: EventRoutes, consumer: EventConsumer, metrics: MessagingMetrics, readiness: Readiness, known: KnownTopics) => {
        const subscription = new Subscription({ kafka, prefix, service, topics: routes.topics, consumer, metrics, known, giveUp });
        if (readinessNeedsBroker && routes.topics.length > 0) readiness.add('events', async () => subscription.check());
        return subscription;
      },
      inject: [Kafka, EventRoutes, EventConsumer, MessagingMetrics, Readiness, KnownTopics],
    },
    { provide: EventTransport, useFactory: (routes: EventRoutes, subscription: Subscription) => new EventTransport(routes, subscription), inject: [EventRoutes, Subscription] },
    { provide: DeadLetterQueries, useFactory: (db: DataSource) => new DeadLetterQueries(db), inject: [DataSource] },
    { provide: ReplayDeadLetter, useFactory: (db: DataSource, routes: EventRoutes) => new ReplayDeadLetter(db, routes), inject: [DataSource, EventRoutes] },
    { provide: DiscardDeadLetter, useFactory: (db: DataSource) => new DiscardDeadLetter(db), inject: [DataSource] },
  ];
}

/** Those the service writes, and those it reads: whoever comes first creates them. */
function topicsOf(service: string, routes: EventRoutes): string[] {
  return [...topicsWrittenBy(service), ...routes.topics];
}
