import type { MigrationInterface } from 'typeorm';
import { CreateMessaging1767225600001 } from './create-messaging.migration.js';
import { DeadLetter } from './dead-letters/dead-letter.entity.js';
import { InboxMessage } from './inbox/inbox-message.entity.js';
import { OutboxMessage } from './outbox/outbox-message.entity.js';
import { AddTopicPositions1767225600002 } from './recovery/add-topic-positions.migration.js';

export { connectEvents, deliver } from './connect-events.js';
export { DeadLetter, type DeadLetterState } from './dead-letters/dead-letter.entity.js';
export { EventConsumer } from './inbox/event-consumer.js';
export { InboxMessage } from './inbox/inbox-message.entity.js';
export { OnEvent, OnEventBatch, type EventContext, type EventFacts, type ReceivedEvent } from './inbox/on-event.js';
export type { Receipt } from './inbox/receipt.js';
export { readTopic, type TopicMessage } from './kafka/read-topic.js';
export { writeTopic } from './kafka/write-topic.js';
export type { MessagingConfig } from './messaging-config.js';
export { MessagingModule, type MessagingOptions } from './messaging.module.js';
export { appendToOutbox, EventTooLarge, outboxValues, type OutboxValues } from './outbox/append-to-outbox.js';
export { outboxAgeMs } from './outbox/outbox-age.js';
export { OutboxMessage } from './outbox/outbox-message.entity.js';
export { Relay } from './outbox/relay.js';
export { DatabaseRestored } from './recovery/known-topics.js';
export { isFact, recoverCommand, saidFact, type RecoverOptions, type SaidFact } from './recovery/recover.js';
export { outboxFacts } from './republish/outbox-facts.js';
export { republish, republishCommand, type Fact, type RepublishOptions } from './republish/republish.js';
export { messagingRetention } from './retention.js';

/** For the data source of every service. */
export const messagingEntities = [OutboxMessage, InboxMessage, DeadLetter];
export const messagingMigrations: (new () => MigrationInterface)[] = [CreateMessaging1767225600001, AddTopicPositions1767225600002];
