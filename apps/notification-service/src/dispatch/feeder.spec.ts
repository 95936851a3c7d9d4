import { describe, expect, it } from '@jest/globals';
import { intoJobs } from './feeder.js';

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n));

describe('rows of a round', () => {
  it.each([
    [1, 5, [1]],
    [7, 5, [2, 2, 2, 1]],
    [100, 5, [20, 20, 20, 20, 20]],
    [101, 5, [20, 20, 20, 20, 20, 1]],
    [30, 1, [20, 10]],
  ])('%d for %d hands go side by side while they are few, and fill jobs of twenty when they are many', (count, hands, sizes) => {
    const jobs = intoJobs(ids(count), hands);
    expect(jobs.map(({ length }) => length)).toEqual(sizes);
    expect(jobs.flat()).toEqual(ids(count));
  });
});
