import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * Open loop: requests leave at constant intervals, whether or not earlier ones were answered, and each one's time counts from
 * the instant at which it should have left: a stall is seen by everybody who came during it (coordinated omission).
 * On bare sockets, since `node:http` costs a client as much as a contribution costs the service beside it.
 * `node open-loop.program.js <url> <per second> <seconds>` prints one line of JSON.
 */
const [url = '', rate = '500', seconds = '5'] = process.argv.slice(2);
const target = new URL(url);
const perSecond = Number(rate);
const total = Math.round(perSecond * Number(seconds));
const MAX_SOCKETS = 8_192;
const PATIENCE_MS = 30_000;
const END_OF_HEADERS = '\r\n\r\n';

const text = 'Le texte proposé remplace l’alinéa 3 par une rédaction plus claire, qui dit à qui l’obligation s’adresse. '.repeat(8);
// In ASCII, so that a character is a byte.
const inAscii = (json: string): string => json.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
const bodyOf = (id: string): string => inAscii(JSON.stringify({ kind: 'proposal', targets: [], title: 'Proposition', body: `${id} ${text}`, language: 'fr', publication: { preference: 'anonymous' } }));
const [beforeId, afterId] = bodyOf('ID').split('ID') as [string, string];
const head = `POST ${target.pathname} HTTP/1.1\r\nhost: ${target.host}\r\ncontent-type: application/json\r\ncontent-length: ${bodyOf(randomUUID()).length}\r\nidempotency-key: `;

interface Connection {
  readonly socket: Socket;
  /** Of the request under way: when it should have left. */
  intendedAt: number | undefined;
  received: string;
}

const statuses: Record<string, number> = {};
const accepted: number[] = [];
let withoutRetryAfter = 0;
let answered = 0;
let sockets = 0;
const idle: Connection[] = [];
const waiting: number[] = [];
let allAnswered: () => void = () => undefined;

function send(intendedAt: number): void {
  const connection = idle.pop() ?? (sockets < MAX_SOCKETS ? open() : undefined);
  if (connection) write(connection, intendedAt);
  else waiting.push(intendedAt);
}

function write(connection: Connection, intendedAt: number): void {
  connection.intendedAt = intendedAt;
  connection.socket.write(`${head}${randomUUID()}${END_OF_HEADERS}${beforeId}${randomUUID()}${afterId}`, 'latin1');
}

function open(): Connection {
  sockets++;
  const socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
  const connection: Connection = { socket, intendedAt: undefined, received: '' };
  socket.setEncoding('latin1').setTimeout(PATIENCE_MS);
  socket.on('data', (chunk: string) => { read(connection, chunk); });
  socket.on('timeout', () => { socket.destroy(); });
  socket.on('error', () => { socket.destroy(); });
  socket.on('close', () => {
    sockets--;
    const place = idle.indexOf(connection);
    if (place >= 0) idle.splice(place, 1);
    if (connection.intendedAt !== undefined) note('none');
  });
  return connection;
}

/** One reply, in one piece or several. */
function read(connection: Connection, chunk: string): void {
  connection.received += chunk;
  const { received } = connection;
  const end = received.indexOf(END_OF_HEADERS);
  if (end < 0) return;
  const headers = received.slice(0, end).toLowerCase();
  if (received.length < end + END_OF_HEADERS.length + Number(/\r\ncontent-length: (\d+)/.exec(headers)?.[1] ?? 0)) return;
  const status = headers.slice(9, 12);
  if (status === '201') accepted.push(performance.now() - connection.intendedAt!);
  if (Number(status) >= 429 && !headers.includes('\r\nretry-after:')) withoutRetryAfter++;
  connection.intendedAt = undefined;
  connection.received = '';
  note(status);
  const next = waiting.shift();
  if (next === undefined) idle.push(connection);
  else write(connection, next);
}

function note(status: string): void {
  statuses[status] = (statuses[status] ?? 0) + 1;
  if (++answered === total) allAnswered();
}

const start = performance.now();
const ended = new Promise<void>((resolve) => { allAnswered = resolve; });
for (let sent = 0; sent < total; ) {
  const due = Math.min(total, Math.floor((performance.now() - start) * perSecond / 1_000));
  for (; sent < due; sent++) send(start + (sent * 1_000) / perSecond);
  await new Promise((resolve) => { setTimeout(resolve, 1); });
}
const sentIn = (performance.now() - start) / 1_000;
await ended;
const answeredIn = (performance.now() - start) / 1_000;
for (const { socket } of idle) socket.destroy();
accepted.sort((a, b) => a - b);
const at = (share: number): number => accepted[Math.floor(accepted.length * share)] ?? Infinity;
process.stdout.write(`${JSON.stringify({ sentIn, answeredIn, statuses, withoutRetryAfter, p50: at(0.5), p99: at(0.99) })}\n`);
