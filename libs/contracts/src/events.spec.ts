import { describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { z } from 'zod';
import { campaignOpened, campaignEvents } from './campaign.events.js';
import { allEvents, consumers } from './consumers.js';
import { contributionSubmitted } from './contribution.events.js';
import { defineEvent, envelopeOf, envelopeSchema, eventId } from './event.js';
import { sampleOf } from './samples.js';

describe('golden samples', () => {
  it('exist for every event, and for nothing else', () => {
    const files = readdirSync(new URL('../samples/', import.meta.url)).sort();
    expect(files).toEqual(allEvents.map(({ type }) => `${type}.json`).sort());
  });

  it.each(allEvents.map((contract) => [contract.type, contract] as const))('%s: is still read as it was written, field by field', (_, contract) => {
    const sample = sampleOf(contract.type);
    expect(contract.data.parse(sample.data)).toEqual(sample.data);
    expect(sample).toMatchObject({ type: contract.type, source: contract.topic.publisher, subject: (sample.data as Record<string, unknown>)[contract.topic.key] });
    expect(sample.id).toBe(eventId(sample.type, sample.subject, sample.aggregateversion));
  });

  it('show no address of a person: contacts travel sealed', () => {
    for (const { type } of allEvents) {
      // The service in charge is no person; its address is part of the published rules.
      const text = JSON.stringify(sampleOf(type)).replaceAll('"email":"concertation@example.org"', '');
      expect(text).not.toContain('@');
    }
  });
});

describe('consumers', () => {
  const topicsRead = Object.entries(consumers).flatMap(([service, topics]) => Object.entries(topics).map(([topic, consumption]) => ({ service, topic, ...consumption })));

  it.each(topicsRead)('$service declares every type of $topic handled or ignored, once', ({ topic, handled, ignored }) => {
    const types = allEvents.filter((event) => event.topic.name === topic).map(({ type }) => type);
    expect(types.length).toBeGreaterThan(0);
    expect([...handled, ...ignored].map(({ type }) => type).sort()).toEqual(types.sort());
  });

  it('never read what they publish themselves', () => {
    for (const { service, handled, ignored } of topicsRead) for (const { topic } of [...handled, ...ignored]) expect(topic.publisher).not.toBe(service);
  });
});

describe('the catalogue', () => {
  it('has each type once, and one publisher per topic', () => {
    const types = allEvents.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    const publishers = new Map<string, Set<string>>();
    for (const { topic } of allEvents) publishers.set(topic.name, (publishers.get(topic.name) ?? new Set()).add(topic.publisher));
    for (const names of publishers.values()) expect(names.size).toBe(1);
  });

  it('refuses a name that is not <aggregate>.<past-tense>.v<n>', () => {
    const data = z.object({ campaignId: z.string() });
    for (const name of ['campaign.opened', 'campaign.opened.v0', 'campaignOpened.v1', 'campaign.Opened.v1']) expect(() => defineEvent(campaignEvents, name, data)).toThrow(name);
  });
});

describe('an envelope', () => {
  const sample = sampleOf(contributionSubmitted.type);
  const data = contributionSubmitted.data.parse(sample.data);

  it('of the same fact is the same, to the byte, as the golden sample', () => {
    expect(envelopeOf(contributionSubmitted, data, 1, new Date(sample.time))).toEqual(sample);
  });

  it('has an id that any UUID library computes from namespace, type, key and version', () => {
    // Python: uuid.uuid5(UUID('9ce4ff6f4b0f5f0c9d1a3a5b0f6f1e27'), 'campaign.opened.v1:0b7f6a3e-2f0c-4d43-9a51-6c1f8f0d2a11:6')
    expect(eventId('campaign.opened.v1', '0b7f6a3e-2f0c-4d43-9a51-6c1f8f0d2a11', 6)).toBe('5e49c9b1-d842-5f2e-9d65-9ea21d200f4d');
  });

  it('differs in id by type, key and version', () => {
    const ids = [eventId('a.b.v1', 'k', 1), eventId('a.b.v2', 'k', 1), eventId('a.b.v1', 'l', 1), eventId('a.b.v1', 'k', 2)];
    expect(new Set(ids).size).toBe(4);
  });

  it('may carry fields that this version does not know: they are dropped, not refused', () => {
    const later = { ...sample, newattribute: 'x', data: { ...data, newField: 1, classification: { ...data.classification, newField: 1 } } };
    expect(contributionSubmitted.data.parse(envelopeSchema.parse(later).data)).toEqual(data);
  });

  it('is not made of data that breaks the contract; the error names fields and no value', () => {
    const broken = { ...data, receivedAt: 'hier, chez Camille' };
    expect(() => envelopeOf(contributionSubmitted, broken, 1, new Date(sample.time))).toThrow('receivedAt invalid_format');
    expect(() => envelopeOf(contributionSubmitted, broken, 1, new Date(sample.time))).not.toThrow('Camille');
  });

  it('knows instants with milliseconds and Z only', () => {
    for (const closesAt of ['2026-11-15T22:59:59Z', '2026-11-15T22:59:59.000000Z', '2026-11-15T23:59:59.000+01:00']) {
      const facts = campaignOpened.data.parse(sampleOf(campaignOpened.type).data);
      expect(campaignOpened.data.safeParse({ ...facts, window: { ...facts.window!, closesAt } }).success).toBe(false);
    }
  });
});
