import { describe, expect, it } from '@jest/globals';
import { mismatchCause, missingFrom } from './seal.policy.js';

const seal = { accepted: 10, withdrawn: 2, digest: '' };

describe('what is missing from the seal', () => {
  it.each([
    ['nothing', { accepted: 10, withdrawn: 2 }, 0],
    ['contributions', { accepted: 7, withdrawn: 2 }, 3],
    ['withdrawals only', { accepted: 10, withdrawn: 0 }, 2],
    ['both', { accepted: 9, withdrawn: 1 }, 2],
    // A withdrawal carries the whole fact: it may be heard of before its filing, and counts as both.
    ['contributions, all withdrawals being here', { accepted: 4, withdrawn: 2 }, 6],
  ])('is %s', (_, held, missing) => { expect(missingFrom(seal, held)).toBe(missing); });

  it.each([
    ['contributions', { accepted: 11, withdrawn: 2 }],
    ['withdrawals', { accepted: 10, withdrawn: 3 }],
  ])('cannot be waited for when there are too many %s', (_, held) => {
    expect(missingFrom(seal, held)).toBeLessThan(0);
    expect(mismatchCause(seal, held)).toMatch(/11 contributions|3 retraits/);
  });
});
