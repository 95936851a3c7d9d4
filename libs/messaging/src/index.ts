import type { DataOf, EventContract } from '@cahier/contracts';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import type { DataSource, EntityManager, MigrationInterface } from 'typeorm';
import { DeadLetter } from './dead-letter.entity.js';
import { InboxMessage } from './inbox-message.entity.js';
import { OutboxMessage } from './outbox-message.entity.js';

export { DeadLetter, InboxMessage, OutboxMessage };
export { OnEvent, OnEventBatch, type EventContext, type ReceivedEvent } from './on-event.js';

export const messagingEntities = [OutboxMessage, InboxMessage, DeadLetter];
export const messagingMigrations: (new () => MigrationInterface)[] = [];

export interface OutboxValues { readonly id: string; readonly topic: string; readonly key: string; readonly envelope: string; readonly type: string; readonly traceparent: string | null }

export function outboxValues<C extends EventContract>(_contract: C, _data: DataOf<C>, _version: number, _at: Date): OutboxValues {
  throw new Error('Not yet');
}

export async function appendToOutbox<C extends EventContract>(_tx: EntityManager, _contract: C, _data: DataOf<C>, _version: number, _at: Date): Promise<void> {
  throw new Error('Not yet');
}

export interface MessagingConfig { readonly PROFILE: 'local' | 'production'; readonly KAFKA_BROKERS: readonly string[]; readonly TOPIC_PREFIX: string; readonly OUTBOX_POLL_MS: number }
export interface MessagingOptions { readonly service: string; readonly config: MessagingConfig; readonly keepPublished: boolean; readonly readinessNeedsBroker?: boolean }

export class MessagingModule {
  static forRoot(_options: MessagingOptions): DynamicModule {
    throw new Error('Not yet');
  }
}

export class Relay {
  wake(): void {
    throw new Error('Not yet');
  }

  async drain(): Promise<number> {
    throw new Error('Not yet');
  }
}

export class EventConsumer {
  async receive(_topic: string, _values: (string | Buffer)[]): Promise<void> {
    throw new Error('Not yet');
  }
}

export async function connectEvents(_app: INestApplication): Promise<void> {
  throw new Error('Not yet');
}

export interface TopicMessage { readonly key: string | null; readonly value: string; readonly headers: Readonly<Record<string, string>>; readonly partition: number; readonly offset: string }

export async function readTopic(_brokers: readonly string[], _topic: string): Promise<TopicMessage[]> {
  throw new Error('Not yet');
}

export async function deliver<C extends EventContract>(_to: INestApplication | EventConsumer, _contract: C, _data: DataOf<C>, _version: number, _at?: Date): Promise<void> {
  throw new Error('Not yet');
}

export interface Fact<C extends EventContract = EventContract> { readonly contract: C; readonly data: DataOf<C>; readonly version: number; readonly at: Date }

export async function republish(_db: DataSource, _facts: AsyncIterable<Fact>): Promise<number> {
  throw new Error('Not yet');
}

export async function republishCommand(_options: { readonly service: string; readonly config: MessagingConfig; readonly db: DataSource; readonly facts: (db: DataSource) => AsyncIterable<Fact>; readonly args: readonly string[] }): Promise<void> {
  throw new Error('Not yet');
}
