/** Ctrl-C, or somebody else's polite request to end. */
export class Interrupted extends Error {}

/** @returns a promise that is rejected with `Interrupted` at the first SIGINT or SIGTERM. From then on a second one ends the process at once. */
export function interrupted(): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Interrupted(`Interrupted by ${signal}.`)));
  });
  promise.catch(() => undefined); // listened to in time or not, it is not an accident
  return promise;
}
