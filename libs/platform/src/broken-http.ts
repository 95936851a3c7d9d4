import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEM_JSON } from './problem.filter.js';

/** What Node calls a request that is not HTTP, and what it is to whoever sent it; anything else is malformed. */
const PROBLEMS: Readonly<Record<string, { status: number; name: string; title: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, name: 'header-too-large', title: 'En-têtes trop volumineux' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, name: 'timeout', title: 'Délai dépassé' },
};
const MALFORMED = { status: 400, name: 'malformed', title: 'Requête mal formée' };

/** Answers what no request came of, as a problem (RFC 9457) and with nothing of what was sent. The connection ends: nobody knows where the next request would begin. */
export function refuseBrokenHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, name, title } = PROBLEMS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify({ type: `/problems/request.${name}`, title, status });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'connection: close', `content-type: ${PROBLEM_JSON}`, `content-length: ${Buffer.byteLength(body)}`,
    'content-language: fr', 'cache-control: no-store', 'x-content-type-options: nosniff', "content-security-policy: default-src 'none'",
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
