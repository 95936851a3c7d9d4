import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { awaitedElsewhere, NoAnswer, within } from './index.js';

const MOMENT_MS = 20;

describe('an answer within a time', () => {
  it('is that of the work, or its failure', async () => {
    await expect(within(60_000, Promise.resolve('done'))).resolves.toBe('done');
    await expect(within(60_000, Promise.reject(new RangeError('away')))).rejects.toThrow(RangeError);
  });

  it('is a failure of its own when it does not come, and nobody minds that the work fails later', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    await expect(within(MOMENT_MS, promise)).rejects.toThrow(new NoAnswer('no answer within 0.02 s'));
    reject(new Error('away'));
    await turn(); // Jest fails at a rejection that nobody hears
  });
});

it('what is awaited elsewhere may fail before, and is heard of there', async () => {
  const promise = awaitedElsewhere(Promise.reject(new Error('away')));
  await sleep(MOMENT_MS);
  await expect(promise).rejects.toThrow('away');
});
