import { describe, expect, it } from '@jest/globals';
import { isDoubtful } from './late-verdict.policy.js';

const closes_at = '2027-02-01T11:00:00.000Z';
const late = (milliseconds: number, outcome = 'not-open') => ({ outcome, closes_at, received_at: new Date(Date.parse(closes_at) + milliseconds).toISOString() });

describe('a verdict of lateness', () => {
  it('is doubted when the database took longer to answer than the request was late', () => {
    expect(isDoubtful(late(0), 300)).toBe(true);
    expect(isDoubtful(late(299), 300)).toBe(true);
    expect(isDoubtful(late(300), 300)).toBe(false);
  });

  it('stands when the answer was prompt', () => {
    expect(isDoubtful(late(0), 249)).toBe(false);
  });

  it('is the only one that is doubted', () => {
    expect(isDoubtful(late(0, 'created'), 300)).toBe(false);
    expect(isDoubtful(late(-1), 300)).toBe(false);
    expect(isDoubtful({ outcome: 'not-open', received_at: closes_at, closes_at: null }, 300)).toBe(false);
  });
});
