import type { DataSource } from 'typeorm';
import type { EventFacts } from '../inbox/on-event.js';
import type { IncomingMessage } from '../inbox/read-message.js';

/** Keeps what could not be handled. Delivered again at the same place, it is the same dead letter. */
export async function keepDeadLetter(db: DataSource, message: IncomingMessage, facts: Pick<EventFacts, 'id' | 'type'> | undefined, cause: string, attempts: number): Promise<void> {
  await db.query(
    `INSERT INTO dead_letter (topic, partition, message_offset, value, traceparent, event_id, event_type, cause, attempts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (topic, partition, message_offset) DO NOTHING`,
    [message.topic, message.partition, message.offset, message.value, message.traceparent ?? null, facts?.id ?? null, facts?.type ?? null, cause, attempts],
  );
}
