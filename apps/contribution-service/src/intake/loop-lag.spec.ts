import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { LoopLag } from './loop-lag.js';

/** Works through a crowd in one turn of the loop, a fifth of a millisecond for each. @returns what each was told. */
function crowd(lag: LoopLag, size: number): number[] {
  return Array.from({ length: size }, () => {
    const told = lag.ms;
    for (const end = performance.now() + 0.2; performance.now() < end; );
    return told;
  });
}

describe('the lag of the event loop', () => {
  it('is the age of the turn for the end of a crowd, and nothing for the next turn', async () => {
    const lag = new LoopLag();
    const told = crowd(lag, 300);
    expect(told.slice(0, 256)).toEqual(Array(256).fill(0));
    expect(told[256]).toBeGreaterThanOrEqual(51);
    expect(told.slice(256)).toEqual(told.slice(256).toSorted((a, b) => a - b));
    await turn();
    expect(crowd(lag, 10)).toEqual(Array(10).fill(0));
  });
});
