import { describeFailure } from '@cahier/platform';
import { envelopeSchema, type EventContract } from '@cahier/contracts';
import type { EventFacts } from './on-event.js';

/** One message as it lies in a partition. */
export interface IncomingMessage {
  /** Without the environment's prefix. */
  readonly topic: string;
  readonly partition: number;
  /** Decimal digits of a 64-bit integer. */
  readonly offset: string;
  readonly value: Buffer;
  readonly traceparent?: string | undefined;
}

/** A message that this service handles, parsed with its contract. */
export interface IncomingEvent extends EventFacts {
  readonly data: unknown;
  readonly message: IncomingMessage;
}

export type Reading =
  | { readonly kind: 'event'; readonly event: IncomingEvent }
  /** Of a type that this service does not handle. */
  | { readonly kind: 'ignored' }
  /** Not an envelope, or one whose data breaks its contract: no retry can help. */
  | { readonly kind: 'unreadable'; readonly message: IncomingMessage; readonly cause: string; readonly facts?: Pick<EventFacts, 'id' | 'type'> };

/** @param contractOf the contract of a type that is handled; undefined for all others. */
export function readMessage(message: IncomingMessage, contractOf: (type: string) => EventContract | undefined): Reading {
  const json = parseJson(message.value);
  const envelope = envelopeSchema.safeParse(json);
  if (!envelope.success) return { kind: 'unreadable', message, cause: json === undefined ? 'SyntaxError: not JSON' : describeFailure(envelope.error) };

  const { type, subject, aggregateversion: version, time } = envelope.data;
  const contract = contractOf(type);
  if (!contract) return { kind: 'ignored' };

  // As PostgreSQL writes it, or the inbox would not recognise what it returns.
  const id = envelope.data.id.toLowerCase();
  const data = contract.data.safeParse(envelope.data.data);
  if (!data.success) return { kind: 'unreadable', message, cause: describeFailure(data.error), facts: { id, type } };
  if ((data.data as Record<string, unknown>)[contract.topic.key] !== subject) return { kind: 'unreadable', message, cause: `subject is not ${contract.topic.key}`, facts: { id, type } };
  return { kind: 'event', event: { id, type, subject, version, time: new Date(time), data: data.data, message } };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined for what is not JSON in UTF-8: JSON itself has no such value. */
function parseJson(value: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(value)) as unknown;
  } catch {
    return undefined;
  }
}
