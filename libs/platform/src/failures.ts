import { z } from 'zod';

const code = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '');

/** Serialisation failure or deadlock: the same transaction may pass when it is tried again. */
export function isTransient(error: unknown): boolean {
  return ['40001', '40P01'].includes(code(error));
}

const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** What `pg` and its pool say without a code. */
const WORDS = /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Connection is not established/;

/** PostgreSQL cannot be reached or cannot serve now (SQLSTATE 08, 53, 57P0x; sockets): wait and try again, nothing was decided. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  const name = code(error);
  return SOCKET.has(name) || /^(08|53|57P0)/.test(name) || (error instanceof Error && WORDS.test(error.message));
}

/**
 * What failed, for a dead letter and a log: class, code and place, never the words of an error. Those may quote the
 * message (JSON.parse does, PostgreSQL does), and the message may hold personal data. Of a lost connection to PostgreSQL,
 * which has neither code nor place, the driver's phrase.
 */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'not an Error';
  if (error instanceof z.ZodError) return `ZodError ${error.issues.slice(0, 5).map(describeIssue).join(', ')}`;
  const code = 'code' in error && typeof error.code === 'string' && /^[\w.-]{1,60}$/.test(error.code) ? ` ${error.code}` : '';
  const [phrase] = WORDS.exec(error.message) ?? [];
  return `${error.name}${code}${phrase === undefined ? '' : ` (${phrase})`}${placeOf(error)}`;
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
