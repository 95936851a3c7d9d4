import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createRequire } from 'node:module';
import './kafkajs-patch.js';

interface Queue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}
const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as new (options: object) => Queue;
const queue = () => new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1_000, enforceRequestTimeout: false, clientId: 'c', broker: 'b', logger: { debug: () => undefined } });

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the patched request queue of kafkajs', () => {
  it('arms no timer while nothing waits', () => {
    queue().scheduleCheckPendingRequests();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('looks again soon while requests wait, with one timer', () => {
    const waiting = queue();
    waiting.pending = [{}];
    const checked = jest.spyOn(waiting, 'checkPendingRequests').mockImplementation(() => undefined);
    waiting.scheduleCheckPendingRequests();
    waiting.scheduleCheckPendingRequests();
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(10);
    expect(checked).toHaveBeenCalledTimes(1);
    expect(waiting.throttleCheckTimeoutId).toBeNull();
  });

  it('waits as long as the broker asked for', () => {
    const throttled = queue();
    throttled.pending = [{}];
    throttled.throttledUntil = Date.now() + 700;
    const checked = jest.spyOn(throttled, 'checkPendingRequests').mockImplementation(() => undefined);
    throttled.scheduleCheckPendingRequests();
    jest.advanceTimersByTime(699);
    expect(checked).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(checked).toHaveBeenCalledTimes(1);
  });
});
