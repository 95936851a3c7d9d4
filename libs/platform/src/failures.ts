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
