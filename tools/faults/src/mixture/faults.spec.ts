import { describe, expect, it } from '@jest/globals';
import { killings, planMixture } from './faults.js';

const told = (seed: number) => planMixture(seed, 180).map(({ atMs, what }) => `${atMs} ${what}`);

describe('a mixture of faults', () => {
  it('is the same for the same seed and another for another', () => {
    expect(told(7)).toEqual(told(7));
    expect(told(8)).not.toEqual(told(7));
  });

  it('has one to four faults in each minute, in order', () => {
    for (let seed = 0; seed < 200; seed++) {
      const at = planMixture(seed, 180).map(({ atMs }) => atMs);
      expect(at).toEqual([...at].sort((a, b) => a - b));
      for (let minute = 0; minute < 3; minute++) expect([1, 2, 3, 4]).toContain(at.filter((ms) => Math.floor(ms / 60_000) === minute).length);
    }
  });

  it('draws every kind of fault sooner or later', () => {
    const all = Array.from({ length: 200 }, (_, seed) => told(seed)).flat().join('\n');
    for (const what of ['killed', 'silent for', 'parted', 'deaf', 'slow', 'refused', 'half-closed', 'cut', 'commits', 'mail server']) expect(all).toContain(what);
  });

  it('kills services and servers, the same for the same seed', () => {
    const some = (seed: number) => { const all = killings(seed); return Array.from({ length: 40 }, () => all.next().value!.what); };
    expect(some(3)).toEqual(some(3));
    for (const what of ['campaign-service', 'contribution-service', 'notification-service', 'reporting-service', 'postgres', 'kafka', 'redis']) expect(some(3)).toContain(`${what} killed`);
  });
});
