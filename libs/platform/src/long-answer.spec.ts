import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { longAnswer } from './index.js';

const read = async (work: Promise<object>): Promise<string> => new Response(longAnswer(work).getStream()).text();

/** Work that ends when it is told to. */
const lasting = () => Promise.withResolvers<object>();

let errors: ReturnType<typeof jest.spyOn>;
beforeEach(() => { errors = jest.spyOn(Logger.prototype, 'error').mockReturnValue(); });
afterEach(() => { errors.mockRestore(); });

describe('an answer that takes long', () => {
  it('shows signs of life, and is JSON in the end', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    try {
      const { promise, resolve } = lasting();
      const text = read(promise);
      await jest.advanceTimersByTimeAsync(25_000);
      resolve({ done: true });
      await jest.advanceTimersByTimeAsync(0);
      expect(await text).toBe('\n\n{"done":true}');
    } finally {
      jest.useRealTimers();
    }
  });

  it('breaks off where the work fails at once, and leaves it to the problem to say why', async () => {
    await expect(read(Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(errors).not.toHaveBeenCalled();
  });

  it('breaks off where the work fails later, and the log says why: no problem does any more', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    try {
      const { promise, reject } = lasting();
      const text = read(promise).catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(15_000);
      reject(new RangeError('of somebody’s data'));
      await jest.advanceTimersByTimeAsync(0);
      expect(await text).toBeInstanceOf(Error);
      expect(errors.mock.calls).toEqual([[expect.stringMatching(/^Broken off: RangeError at long-answer\.spec\.ts:\d+$/)]]);
    } finally {
      jest.useRealTimers();
    }
  });

  it.each([['before', false], ['while', true]])('whose reader goes away %s it is read leaves the failure to the log, and the process alive', async (_when, reads) => {
    const { promise, reject } = lasting();
    const stream = longAnswer(promise).getStream();
    if (reads) stream.resume();
    await turn();
    stream.destroy();
    reject(new RangeError('away'));
    await turn(); // Jest fails at a rejection that nobody hears
    expect(errors).toHaveBeenCalledTimes(1);
  });
});
