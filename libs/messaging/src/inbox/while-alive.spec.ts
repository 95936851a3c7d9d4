import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { whileAlive } from './while-alive.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('whileAlive', () => {
  it('beats as long as the work lasts, and no longer', async () => {
    const heartbeat = jest.fn(async () => undefined);
    let finish: () => void = () => undefined;
    const done = whileAlive(heartbeat, 2_000, () => new Promise<void>((resolve) => (finish = resolve)));
    await jest.advanceTimersByTimeAsync(9_000);
    expect(heartbeat).toHaveBeenCalledTimes(4);
    finish();
    await done;
    await jest.advanceTimersByTimeAsync(9_000);
    expect(heartbeat).toHaveBeenCalledTimes(4);
  });

  it('lets the work finish when a heartbeat fails, and throws that then', async () => {
    let finish: () => void = () => undefined;
    let finished = false;
    const work = () => new Promise<void>((resolve) => (finish = resolve)).then(() => void (finished = true));
    const done = expect(whileAlive(() => Promise.reject(new Error('rebalance')), 2_000, work)).rejects.toThrow('rebalance');
    await jest.advanceTimersByTimeAsync(2_000);
    finish();
    await done;
    expect(finished).toBe(true);
  });

  it('throws what the work throws, and beats no more', async () => {
    const heartbeat = jest.fn(async () => undefined);
    await expect(whileAlive(heartbeat, 2_000, () => Promise.reject(new Error('work')))).rejects.toThrow('work');
    expect(jest.getTimerCount()).toBe(0);
  });
});
