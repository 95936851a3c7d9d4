import { StackProblem } from './problem.js';

/** Runs a command. What a person can put right is shown as its message, anything else with its stack; both exit 1. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(isTheirs(error) ? error.message : error);
    process.exitCode = 1;
  }
}

function isTheirs(error: unknown): error is Error {
  return error instanceof StackProblem || (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
}

/** npm hands Ctrl-C on to a script that has already got it from the terminal: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Resolves when somebody wants this program to end: Ctrl-C, SIGTERM, or the terminal is closed.
 * A second Ctrl-C, from somebody who will not wait, ends it at once; the next start then cleans up.
 */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    // Signals alone do not keep a process alive.
    const alive = setInterval(() => undefined, 60_000);
    let first: number | undefined;
    const onSignal = (): void => {
      first ??= performance.now();
      if (performance.now() - first > SAME_SIGNAL_MS) process.exit(130);
      clearInterval(alive);
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}

/** Two columns, aligned. */
export function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`).join('\n');
}
