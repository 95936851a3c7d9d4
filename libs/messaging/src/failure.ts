import { DomainError, isTransient, isUnavailable } from '@cahier/platform';
import { z } from 'zod';

/** Whether the event is not at fault: something it needs is away, or two transactions met. It is handled later, however often it takes. */
export function isPassing(error: unknown): boolean {
  return isUnavailable(error) || isTransient(error) || (error instanceof DomainError && error.kind === 'unavailable');
}

/**
 * What failed, for a dead letter and a log: class, code and place, never the words of an error. Those may quote the
 * message (JSON.parse does, PostgreSQL does), and the message may hold personal data.
 */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'not an Error';
  if (error instanceof z.ZodError) return `ZodError ${error.issues.slice(0, 5).map(describeIssue).join(', ')}`;
  const code = 'code' in error && typeof error.code === 'string' && /^[\w.-]{1,60}$/.test(error.code) ? ` ${error.code}` : '';
  return `${error.name}${code}${placeOf(error)}`;
}

/** Field names of the contract and the code of the rule; of a record's own keys nothing. */
function describeIssue({ code, path }: z.core.$ZodIssue): string {
  const fields = code === 'invalid_key' ? path.slice(0, -1) : path;
  return `${fields.map(String).join('.') || '(root)'} ${code}`;
}

/** The first place in our own code: what was called from there is seldom at fault. */
function placeOf({ stack, message }: Error): string {
  const frames = stack?.slice(stack.indexOf(message) + message.length).split('\n') ?? [];
  const place = frames.filter((frame) => !/node_modules|node:/.test(frame)).map((frame) => /^\s+at .*?([\w.-]+\.[jt]s:\d+)/.exec(frame)?.[1]).find((found) => found !== undefined);
  return place === undefined ? '' : ` at ${place}`;
}
