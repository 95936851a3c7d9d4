import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

const current = new AsyncLocalStorage<string>();
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The W3C trace context of the work in hand, if any. */
export const currentTraceparent = (): string | undefined => current.getStore();

const ID_DIGITS = 32;
let digits = '';
let used = 0;

/** Of a trace and of its first span, which nobody records. Random bytes are asked of the system for 256 at a time. */
function newTrace(): string {
  if (used === digits.length) {
    digits = randomBytes(256 * ID_DIGITS / 2).toString('hex');
    used = 0;
  }
  const id = digits.slice(used, (used += ID_DIGITS));
  return `00-${id}-${id.slice(16)}-01`;
}

export const isTraceparent = (text: string | null | undefined): text is string => typeof text === 'string' && TRACEPARENT.test(text);

/** The caller's trace context where it is well formed, a new one otherwise. */
export const continueTrace = (received?: string | null): string => (isTraceparent(received) ? received : newTrace());

export const traceId = (traceparent: string): string => traceparent.slice(3, 35);

/** Runs `work` so that `currentTraceparent` answers inside it, across awaits. */
export const inTrace = <T>(traceparent: string, work: () => T): T => current.run(traceparent, work);
