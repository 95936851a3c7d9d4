import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { allEvents } from './consumers.js';
import { asyncApi, eventsPage, promiseOf } from './documentation.js';
import { sampleOf } from './samples.js';

const committed = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

interface AsyncApi {
  readonly channels: Record<string, { messages: Record<string, { $ref: string }> }>;
  readonly operations: Record<string, { channel: { $ref: string }; messages?: { $ref: string }[] }>;
  readonly components: { messages: Record<string, { payload: object }> };
}

describe('the documentation of the events', () => {
  it('docs/events.md is what the contracts generate; otherwise run npm run docs --workspace libs/contracts', () => {
    expect(committed('events.md')).toBe(eventsPage());
  });

  it('docs/asyncapi.json is what the contracts generate; otherwise run npm run docs --workspace libs/contracts', () => {
    expect(JSON.parse(committed('asyncapi.json'))).toEqual(JSON.parse(JSON.stringify(asyncApi())));
  });

  it('says of every event what it means', () => {
    expect(allEvents.filter((event) => promiseOf(event) === '').map(({ type }) => type)).toEqual([]);
  });

  describe('asyncapi.json', () => {
    const document = JSON.parse(committed('asyncapi.json')) as AsyncApi;
    const ajv = formats.default(new Ajv({ strict: false }));

    it.each(allEvents.map(({ type }) => type))('has a JSON Schema that accepts the sample of %s, and refuses it without its data', (type) => {
      const validate = ajv.compile(document.components.messages[type]!.payload);
      const sample = sampleOf(type);
      expect(validate(sample)).toBe(true);
      expect(validate({ ...sample, data: {} })).toBe(false);
      expect(validate({ ...sample, type: 'another.happened.v1' })).toBe(false);
    });

    it('has no reference that leads nowhere', () => {
      const follow = ($ref: string) => $ref.slice(2).split('/').reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
      const references = [
        ...Object.values(document.channels).flatMap(({ messages }) => Object.values(messages)),
        ...Object.values(document.operations).flatMap(({ channel, messages = [] }) => [channel, ...messages]),
      ];
      expect(references.length).toBeGreaterThan(allEvents.length);
      for (const { $ref } of references) expect([$ref, follow($ref)]).toEqual([$ref, expect.any(Object)]);
    });
  });
});
