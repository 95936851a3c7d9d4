import { contributionFacts } from '@cahier/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rowOf } from '../projections/upsert-contributions.statement.js';
import { exportedRow } from './exported-row.fixture.spec.js';
import { factsOf } from './jsonl-file.js';

const text = fc.string({ unit: 'binary', minLength: 1 }).filter((value) => !value.includes('\0') && value.isWellFormed());
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const facts = fc.record({
  participantRef: maybe(fc.constant('b'.repeat(64))), stance: maybe(fc.constantFrom('support' as const, 'oppose' as const)), audience: maybe(fc.constantFrom('patient' as const)),
  text: maybe(fc.record({ title: maybe(text), body: text, proposedWording: maybe(text), source: maybe(fc.record({ url: text, category: maybe(text) })), organisation: maybe(text), authorName: maybe(text), quotes: fc.array(fc.option(text), { minLength: 1, maxLength: 1 }) })),
});

describe('the lossless file', () => {
  it('gives back exactly the fact that was told, without the sealed address', () => {
    fc.assert(fc.property(facts, ({ participantRef, stance, audience, text: words }) => {
      const told = contributionFacts.parse(JSON.parse(JSON.stringify({
        contributionId: '01890000-0000-7000-8000-000000000001', campaignId: '01890000-0000-7000-8000-000000000002', filingNumber: 'F-1', receivedAt: '2026-03-02T09:00:00.000Z', bodySha256: 'a'.repeat(64),
        status: words ? 'filed' : 'withdrawn', participantRef, sealedContact: 'sealed', classification: { kind: 'remark', targets: [{ type: 'section', id: '01890000-0000-7000-8000-000000000003' }], stance, audience, language: 'fr', publication: 'named' }, text: words,
      })));
      // Through the projection's row and back.
      const line = JSON.stringify(factsOf(exportedRow({ ...rowOf(told, 1), targets: [...rowOf(told, 1).targets], quotes: told.text ? [...told.text.quotes] : null })));
      const { sealedContact: _, ...expected } = told;
      expect(contributionFacts.parse(JSON.parse(line))).toEqual(expected);
    }));
  });
});
