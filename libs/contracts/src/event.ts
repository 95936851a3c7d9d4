import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Topic } from './topic.js';

/** A type of event: its topic, its name `<aggregate>.<past-tense>.v<n>` and the schema of its data. */
export interface EventContract<Type extends string = string, Data extends z.ZodType = z.ZodType> {
  readonly topic: Topic;
  readonly type: Type;
  readonly data: Data;
}

/** The data of one event, as a publisher writes it and a consumer reads it. */
export type DataOf<C extends EventContract> = z.output<C['data']>;

/** @throws at load time (a bug of ours) when the name is not `<aggregate>.<past-tense>.v<n>`. The data must hold the topic's key: a compile error otherwise. */
export function defineEvent<const Key extends string, const Type extends string, Shape extends Record<Key, z.ZodType<string>>>(
  topic: Topic<Key>,
  type: Type,
  data: z.ZodObject<Shape>,
): EventContract<Type, z.ZodObject<Shape>> {
  if (!/^[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9]\d*$/.test(type)) throw new Error(`Not an event name: ${type}`);
  return { topic, type, data };
}

/** An instant: UTC with milliseconds and `Z`, as `Date.prototype.toISOString` writes it. */
export const instant = z.iso.datetime({ precision: 3 });

/** CloudEvents 1.0, JSON format, structured mode; `aggregateversion` is an extension attribute: 1, 2, 3 … per key. */
export const envelopeSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1),
  time: instant,
  datacontenttype: z.literal('application/json'),
  aggregateversion: z.int().positive(),
  data: z.unknown(),
});
export type Envelope = z.infer<typeof envelopeSchema>;

const NAMESPACE = Buffer.from('9ce4ff6f4b0f5f0c9d1a3a5b0f6f1e27', 'hex');

/** UUID version 5 (RFC 9562 §5.5) of `type:key:version`: the same fact, emitted again, has the same id. */
export function eventId(type: string, key: string, version: number): string {
  const name = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(`${type}:${key}:${version}`)]));
  const variant = ((parseInt(name.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${name.slice(0, 8)}-${name.slice(8, 12)}-5${name.slice(13, 16)}-${variant}${name.slice(17, 20)}-${name.slice(20, 32)}`;
}

/**
 * The envelope of one fact.
 * @param version of the aggregate, 1 for its first event.
 * @param at when the fact became true; UTC.
 * @throws Error when the data breaks its own contract: a bug of ours, never the caller's.
 */
export function envelopeOf<C extends EventContract>(contract: C, data: DataOf<C>, version: number, at: Date): Envelope {
  const parsed = contract.data.safeParse(data);
  if (!parsed.success) throw new Error(`Not a ${contract.type}: ${parsed.error.issues.map((i) => `${i.path.join('.')} ${i.code}`).join(', ')}`);
  const subject = (parsed.data as Record<string, string>)[contract.topic.key]!;
  return {
    specversion: '1.0',
    id: eventId(contract.type, subject, version),
    source: contract.topic.publisher,
    type: contract.type,
    subject,
    time: at.toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: version,
    data: parsed.data,
  };
}
