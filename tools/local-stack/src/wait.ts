import { setTimeout as sleep } from 'node:timers/promises';
import { StackProblem } from './problem.js';

/** A process whose answer is awaited: there is no use in waiting once it has ended, and its log tells why. */
export interface Awaited {
  readonly name: string;
  readonly logFile: string;
  isRunning(): boolean;
  endOfLog(): string;
}

/**
 * Calls `check` until it answers something other than undefined, and returns that answer.
 * A check that throws counts as "not yet"; its last error becomes the cause when time is up.
 * @param what completes the sentence "Waited 30 s for …".
 * @throws StackProblem when `timeoutMs` have passed, or as soon as the process that should answer has ended.
 */
export async function waitFor<T>(what: string, check: () => Promise<T | undefined>, { timeoutMs, everyMs = 50, of }: { timeoutMs: number; everyMs?: number; of?: Awaited }): Promise<T> {
  const start = performance.now();
  const log = (): string => (of ? `\nThe end of ${of.logFile}:\n${of.endOfLog()}` : '');
  let lastError: unknown;
  while (true) {
    try {
      const answer = await check();
      if (answer !== undefined) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (of && !of.isRunning()) throw new StackProblem(`${of.name} ended while starting.${log()}`, { cause: lastError });
    if (performance.now() - start > timeoutMs) {
      const because = lastError instanceof Error ? ` Last error: ${lastError.message}` : '';
      throw new StackProblem(`Waited ${Math.round(timeoutMs / 1000)} s for ${what}.${because}${log()}`, { cause: lastError });
    }
    await sleep(everyMs);
  }
}
