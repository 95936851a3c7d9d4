import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { LoopLag } from './loop-lag.js';

/** Works through a crowd in one turn of the loop, two milliseconds for each. @returns what each was told. */
function crowd(lag: LoopLag, size: number): number[] {
  return Array.from({ length: size }, () => {
    const told = lag.ms;
    for (const end = performance.now() + 2; performance.now() < end; );
    return told;
  });
}

describe('the lag of the event loop', () => {
  it('is the age of the turn for the end of a crowd, and nothing for the next turn', async () => {
    const lag = new LoopLag();
    const told = crowd(lag, 40);
    expect(told.slice(0, 32)).toEqual(Array(32).fill(0));
    expect(told[32]).toBeGreaterThanOrEqual(64);
    expect(told.slice(32)).toEqual(told.slice(32).toSorted((a, b) => a - b));
    await turn();
    expect(crowd(lag, 10)).toEqual(Array(10).fill(0));
  });
});
