import { createRequire } from 'node:module';

/**
 * kafkajs 2.2.4 re-arms a timer of "now" (on Node 24: of minus one) for ever while nothing waits: 3 % of a core for each idle
 * connection, and a TimeoutNegativeWarning. A check is needed only while requests wait in the queue.
 * Import this file before the first connection; `client.ts` does.
 */
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const CHECK_PENDING_REQUESTS_INTERVAL = 10;

const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
if (typeof prototype.scheduleCheckPendingRequests !== 'function') throw new Error('kafkajs changed: kafkajs-patch.ts no longer fits');

prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, Math.max(this.throttledUntil - Date.now(), CHECK_PENDING_REQUESTS_INTERVAL));
};
