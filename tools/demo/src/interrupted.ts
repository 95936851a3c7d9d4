import { awaitedElsewhere } from '@cahier/platform';

/** Ctrl-C, or somebody else's polite request to end. */
export class Interrupted extends Error {}

/** @returns a promise that is rejected with `Interrupted` at the first SIGINT or SIGTERM. From then on a second one ends the process at once. */
export function interrupted(): Promise<never> {
  return awaitedElsewhere(new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Interrupted(`Interrupted by ${signal}.`)));
  }));
}
