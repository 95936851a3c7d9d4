import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { allEvents, consumers } from './consumers.js';
import { envelopeSchema, type EventContract } from './event.js';
import { sampleOf } from './samples.js';
import type { Topic } from './topic.js';

type JsonSchema = Record<string, unknown>;

const topics: readonly Topic[] = [...new Set(allEvents.map(({ topic }) => topic))];
const eventsOf = (topic: Topic) => allEvents.filter((event) => event.topic === topic);
const schemaOf = (schema: z.ZodType): JsonSchema => {
  // As a consumer reads it: unknown fields are tolerated.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return rest;
};

/** Who reads a topic, and whether it handles or ignores a type. */
function readersOf(event: EventContract, what: 'handled' | 'ignored'): string[] {
  return Object.entries(consumers).flatMap(([service, read]) => (read[event.topic.name]?.[what].includes(event) ? [service] : []));
}

/** The sentence above the contract in its file: written once, for those who read the code and those who read the page. */
export function promiseOf({ topic, type }: EventContract): string {
  const file = `${topic.name.replace('.events', '')}.events.ts`;
  const source = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
  const declaration = source.indexOf(`'${type}'`);
  const line = source.lastIndexOf('\nexport const', declaration);
  return /\/\*\* ([^\n]*) \*\/$/.exec(source.slice(0, line))?.[1] ?? '';
}

/** `docs/events.md`. */
export function eventsPage(): string {
  return `# Events

Generated from \`libs/contracts\` (\`npm run docs --workspace libs/contracts\`); the same as AsyncAPI 3.0 in \`asyncapi.json\`.

Every message is a CloudEvent 1.0 in structured JSON. Its Kafka key is its \`subject\`; order is promised per key, nowhere else.
\`aggregateversion\` counts 1, 2, 3 … per subject, and \`id\` is the UUID (version 5) of type, subject and version: the same fact,
told again, is the same event. Headers: \`ce_id\`, \`ce_type\`, \`traceparent\`. Consumers ignore fields they do not know.

${topics.map(topicSection).join('\n')}`;
}

function topicSection(topic: Topic): string {
  const rows = eventsOf(topic).map((event) => `| [\`${event.type}\`](../libs/contracts/samples/${event.type}.json) | ${promiseOf(event)} | ${readersOf(event, 'handled').join(', ') || '–'} |`);
  return `## ${topic.name}

Published by ${topic.publisher}, keyed by \`${topic.key}\`.

| event | meaning | handled by |
| --- | --- | --- |
${rows.join('\n')}

${eventsOf(topic).map(fieldTable).join('\n')}`;
}

function fieldTable(event: EventContract): string {
  const twin = allEvents.find((other) => JSON.stringify(schemaOf(other.data)) === JSON.stringify(schemaOf(event.data)))!;
  if (twin !== event) return `### ${event.type}\n\nThe fields of \`${twin.type}\`.\n`;
  return `### ${event.type}\n\n| field | type |\n| --- | --- |\n${fieldsOf(schemaOf(event.data), '').join('\n')}\n`;
}

function fieldsOf(schema: JsonSchema, path: string): string[] {
  const required = (schema['required'] ?? []) as string[];
  return Object.entries((schema['properties'] ?? {}) as Record<string, JsonSchema>).flatMap(([name, field]) => {
    const here = `${path}${name}${required.includes(name) ? '' : '?'}`;
    if (field['type'] === 'array') {
      const items = field['items'] as JsonSchema;
      return items['type'] === 'object' ? fieldsOf(items, `${here}[].`) : [`| \`${here}\` | array of ${typeOf(items)} |`];
    }
    // Two languages are one text.
    if (field['type'] === 'object' && 'properties' in field) return isBilingual(field) ? [`| \`${here}\` | text in French and English (\`fr\`, \`en\`) |`] : fieldsOf(field, `${here}.`);
    return [`| \`${here}\` | ${typeOf(field)} |`];
  });
}

const isBilingual = (schema: JsonSchema) => Object.keys(schema['properties'] as object).join() === 'fr,en';

function typeOf(schema: JsonSchema): string {
  const { type, format, pattern, anyOf, additionalProperties, propertyNames } = schema as { type?: string; format?: string; pattern?: string; anyOf?: JsonSchema[]; additionalProperties?: JsonSchema; propertyNames?: JsonSchema };
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (schema['enum']) return (schema['enum'] as string[]).map((word) => `\`${word}\``).join(', ');
  if (additionalProperties) return `${typeOf(additionalProperties)} by ${propertyNames ? typeOf(propertyNames) : 'name'}`;
  if (format === 'date-time') return 'instant, UTC with milliseconds';
  if (format) return format;
  if (pattern === '^[0-9a-f]{64}$') return 'SHA-256, hexadecimal';
  return type ?? 'any';
}

/** `docs/asyncapi.json`: AsyncAPI 3.0, with JSON Schema draft 7 and the golden samples as examples. */
export function asyncApi(): object {
  return {
    asyncapi: '3.0.0',
    info: { title: 'Cahier', version: '1.0.0', description: 'The events of the consultation platform.', license: { name: 'MIT' } },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(topics.map((topic) => [topic.name, channelOf(topic)])),
    operations: Object.fromEntries([...topics.map(sending), ...Object.entries(consumers).flatMap(([service, read]) => Object.keys(read).map((topic) => receiving(service, topic)))]),
    components: { messages: Object.fromEntries(allEvents.map((event) => [event.type, messageOf(event)])) },
  };
}

function channelOf(topic: Topic): object {
  return {
    address: topic.name,
    description: `Published by ${topic.publisher}, keyed by ${topic.key}.`,
    messages: Object.fromEntries(eventsOf(topic).map(({ type }) => [type, { $ref: `#/components/messages/${type}` }])),
    bindings: { kafka: { topic: topic.name, topicConfiguration: { 'retention.ms': 604_800_000, 'max.message.bytes': 2_097_152 }, bindingVersion: '0.5.0' } },
  };
}

function sending(topic: Topic): [string, object] {
  return [`${topic.publisher}.send.${topic.name}`, { action: 'send', channel: { $ref: `#/channels/${topic.name}` } }];
}

/** Names the messages that the service handles; the others of the channel it ignores. */
function receiving(service: string, topic: string): [string, object] {
  const messages = consumers[service]![topic]!.handled.map(({ type }) => ({ $ref: `#/channels/${topic}/messages/${type}` }));
  return [`${service}.receive.${topic}`, { action: 'receive', channel: { $ref: `#/channels/${topic}` }, messages }];
}

function messageOf(event: EventContract): object {
  const headers = { ce_id: { type: 'string', format: 'uuid' }, ce_type: { type: 'string', const: event.type }, traceparent: { type: 'string' } };
  const promise = promiseOf(event);
  return {
    name: event.type,
    ...(promise === '' ? {} : { summary: promise }),
    headers: { type: 'object', properties: headers, required: ['ce_id', 'ce_type'] },
    payload: payloadOf(event),
    bindings: { kafka: { key: { type: 'string', format: 'uuid' }, bindingVersion: '0.5.0' } },
    examples: [{ payload: sampleOf(event.type) }],
  };
}

function payloadOf(event: EventContract): JsonSchema {
  const envelope = schemaOf(envelopeSchema) as { properties: JsonSchema };
  return { ...envelope, properties: { ...envelope.properties, source: { const: event.topic.publisher }, type: { const: event.type }, data: schemaOf(event.data) } };
}
