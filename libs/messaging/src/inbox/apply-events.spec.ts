import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { highestVersions, runs } from './apply-events.js';
import type { IncomingEvent } from './read-message.js';

const message = { topic: 't', partition: 0, offset: '0', value: Buffer.alloc(0) };
const events = fc.array(
  fc.record({ type: fc.constantFrom('batch', 'single', 'other-batch'), subject: fc.constantFrom('a', 'b', 'c'), version: fc.integer({ min: 1, max: 9 }) }).map(
    ({ type, subject, version }): IncomingEvent => ({ id: '', type, subject, version, time: new Date(0), data: undefined, message }),
  ),
);
const together = (type: string) => type !== 'single';

describe('runs', () => {
  it('keep every event and the order, whatever the mixture', () => {
    fc.assert(fc.property(events, (all) => expect([...runs(all, together)].flat()).toEqual(all)));
  });

  it('are of one type, single where the type has no batch handler, and as long as they can be', () => {
    fc.assert(
      fc.property(events, (all) => {
        const cut = [...runs(all, together)];
        for (const [i, run] of cut.entries()) {
          expect(new Set(run.map(({ type }) => type)).size).toBe(1);
          if (run[0]!.type === 'single') expect(run).toHaveLength(1);
          else expect(cut[i + 1]?.[0]!.type).not.toBe(run[0]!.type);
        }
      }),
    );
  });
});

describe('highestVersions', () => {
  it('has each key once, with the highest version of it', () => {
    fc.assert(
      fc.property(events, (all) => {
        const highest = highestVersions(all);
        expect(highest.map(({ subject }) => subject).sort()).toEqual([...new Set(all.map(({ subject }) => subject))].sort());
        for (const { subject, version } of highest) expect(version).toBe(Math.max(...all.filter((event) => event.subject === subject).map((event) => event.version)));
      }),
    );
  });
});
