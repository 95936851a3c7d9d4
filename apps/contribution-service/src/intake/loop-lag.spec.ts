import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { LoopLag } from './loop-lag.js';

const busy = (milliseconds: number): void => { for (const start = performance.now(); performance.now() - start < milliseconds; ); };

describe('the lag of the event loop', () => {
  it('is none for who asks first in a turn, and the age of the turn for those behind', () => {
    const lag = new LoopLag();
    expect(lag.ms).toBe(0);
    busy(5);
    expect(lag.ms).toBeGreaterThanOrEqual(5);
  });

  it('is none again in the next turn', async () => {
    const lag = new LoopLag();
    expect(lag.ms).toBe(0);
    busy(5);
    await nextTurn();
    expect(lag.ms).toBe(0);
  });
});
