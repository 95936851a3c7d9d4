/**
 * How long after closing a contribution that arrived in time may still be on its way into the database, in milliseconds:
 * the longest wait in the queue, and the second within which its batch must have passed the gate.
 */
export function graceMs(maxQueueWaitMs: number): number {
  return maxQueueWaitMs + 1_000;
}
