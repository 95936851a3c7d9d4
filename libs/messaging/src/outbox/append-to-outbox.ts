import { envelopeOf, type DataOf, type EventContract } from '@cahier/contracts';
import { currentTraceparent, DomainError } from '@cahier/platform';
import type { EntityManager } from 'typeorm';

/** Below the 2 MiB that a topic takes, with room for key, headers and framing. */
const MAX_EVENT_BYTES = 1_900_000;

/** The fact is too large for its topic. Refused when it is written: published later it would stop the relay for good. */
export class EventTooLarge extends DomainError {
  readonly code = 'event.too-large';
  readonly kind = 'too-large';
  readonly title = { fr: 'Trop volumineux pour être transmis', en: 'Too large to be passed on' };
}

/** One row of the table `outbox`, for a statement that inserts it itself. */
export interface OutboxValues {
  /** The event's id, the same for the same fact. */
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  /** JSON, as published. */
  readonly envelope: string;
  readonly type: string;
  readonly traceparent: string | null;
}

/**
 * @param version of the aggregate, 1 for its first event.
 * @param at when the fact became true.
 * @throws EventTooLarge; Error when the data breaks its own contract: a bug of ours.
 */
export function outboxValues<C extends EventContract>(contract: C, data: DataOf<C>, version: number, at: Date): OutboxValues {
  const envelope = envelopeOf(contract, data, version, at);
  const json = JSON.stringify(envelope);
  // A character is one to three bytes in UTF-8: count only where it can matter.
  if (json.length * 3 > MAX_EVENT_BYTES && Buffer.byteLength(json) > MAX_EVENT_BYTES) {
    throw new EventTooLarge({ fr: `Plus de ${MAX_EVENT_BYTES} octets.`, en: `More than ${MAX_EVENT_BYTES} bytes.` });
  }
  return { id: envelope.id, topic: contract.topic.name, key: envelope.subject, envelope: json, type: envelope.type, traceparent: currentTraceparent() ?? null };
}

/**
 * Records an event for publication in the caller's transaction: it is published if and only if `tx` commits.
 * Call it after the aggregate's row is written or locked: positions are drawn before commit, and two writers of one
 * key without a common lock could publish in the wrong order.
 * @throws EventTooLarge; and the database's unique violation when this version of the aggregate has spoken already.
 */
export async function appendToOutbox<C extends EventContract>(tx: EntityManager, contract: C, data: DataOf<C>, version: number, at: Date): Promise<void> {
  const { id, topic, key, envelope, traceparent } = outboxValues(contract, data, version, at);
  await tx.query('INSERT INTO outbox (id, topic, key, envelope, traceparent) VALUES ($1, $2, $3, $4, $5)', [id, topic, key, envelope, traceparent]);
}
