import { describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { continueTrace, currentTraceparent, inTrace, traceId } from './index.js';

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a trace', () => {
  it('goes on where the caller says so', () => {
    expect(continueTrace(given)).toBe(given);
    expect(traceId(given)).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it.each([undefined, '', 'x', given.toUpperCase(), `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `${given}-extra`, `${given}\n`])('begins anew after %j', (received) => {
    const begun = continueTrace(received);
    expect(begun).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(begun).not.toBe(continueTrace(received));
  });

  it('belongs to its own work, across awaits', async () => {
    const seen = await Promise.all([given, continueTrace()].map((trace) => inTrace(trace, async () => {
      await setImmediate();
      return currentTraceparent() === trace;
    })));
    expect(seen).toEqual([true, true]);
    expect(currentTraceparent()).toBeUndefined();
  });
});
