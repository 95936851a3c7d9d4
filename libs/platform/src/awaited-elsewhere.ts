/**
 * For a promise that is awaited later, or by nobody where its owner gives up first: Node.js would end the process at a failure
 * that comes before. Nothing is hidden: whoever awaits it meets the failure.
 * @returns the same promise.
 */
export function awaitedElsewhere<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
