import { setTimeout as sleep } from 'node:timers/promises';
import { StackProblem } from './problem.js';

/**
 * Calls `check` until it answers something other than undefined, and returns that answer.
 * A check that throws counts as "not yet"; its last error becomes the cause when time is up.
 * @param what completes the sentence "Waited 30 s for …".
 * @throws StackProblem when `timeoutMs` have passed, or at once when `hopeless` gives a reason.
 */
export async function waitFor<T>(
  what: string,
  check: () => Promise<T | undefined>,
  { timeoutMs, everyMs = 50, hopeless }: { timeoutMs: number; everyMs?: number; hopeless?: () => string | undefined },
): Promise<T> {
  const start = performance.now();
  let lastError: unknown;
  while (true) {
    try {
      const answer = await check();
      if (answer !== undefined) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    const reason = hopeless?.();
    if (reason !== undefined) throw new StackProblem(reason, { cause: lastError });
    if (performance.now() - start > timeoutMs) {
      const cause = lastError instanceof Error ? ` Last error: ${lastError.message}` : '';
      throw new StackProblem(`Waited ${Math.round(timeoutMs / 1000)} s for ${what}.${cause}`, { cause: lastError });
    }
    await sleep(everyMs);
  }
}
