import { DomainError, isTransient, isUnavailable } from '@cahier/platform';

/** Whether the event is not at fault: something it needs is away, or two transactions met. It is handled later, however often it takes. */
export function isPassing(error: unknown): boolean {
  return isUnavailable(error) || isTransient(error) || (error instanceof DomainError && error.kind === 'unavailable');
}
