import { z } from 'zod';
import { deadLetterStates } from './dead-letter.entity.js';

export const listDeadLetters = z.strictObject({
  state: z.enum(deadLetterStates).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.uuid().optional(),
});
export type ListDeadLetters = z.infer<typeof listDeadLetters>;

export const discardDeadLetter = z.strictObject({
  /** Why the message may be given up. */
  reason: z.string().trim().min(1).max(1_000),
});
export type DiscardDeadLetter = z.infer<typeof discardDeadLetter>;

/** A dead letter without the message, which may hold personal data. */
export const deadLetterView = z.object({
  deadLetterId: z.uuid(),
  topic: z.string(),
  /** −1 for a message that did not come from Kafka. */
  partition: z.int(),
  offset: z.string(),
  eventId: z.uuid().nullable(),
  eventType: z.string().nullable(),
  /** Of the message. */
  bytes: z.int(),
  /** Class, code and place of the last failure. */
  cause: z.string(),
  attempts: z.int(),
  state: z.enum(deadLetterStates),
  failedAt: z.iso.datetime(),
  settledAt: z.iso.datetime().nullable(),
  settledBy: z.string().nullable(),
  reason: z.string().nullable(),
});
export type DeadLetterView = z.infer<typeof deadLetterView>;

export const deadLetterPage = z.object({
  deadLetters: z.array(deadLetterView),
  /** Of the next page; absent on the last. */
  nextCursor: z.string().optional(),
});
export type DeadLetterPage = z.infer<typeof deadLetterPage>;
