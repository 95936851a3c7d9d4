import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * Closed loop over raw sockets, in a process of its own: each connection sends, waits for the whole reply, sends again.
 * `node load.program.js <url> <connections> <seconds>` prints one line of JSON.
 */
const [url = '', connections = '64', seconds = '5'] = process.argv.slice(2);
const target = new URL(url);

const text = 'Le texte proposé remplace l’alinéa 3 par une rédaction plus claire, qui dit à qui l’obligation s’adresse. '.repeat(8);
const statuses: Record<string, number> = {};
const latencies: number[] = [];
const start = performance.now();
const end = start + Number(seconds) * 1_000;

/** About 1 kB, another one each time. */
function request(): string {
  const body = JSON.stringify({ kind: 'proposal', targets: [], title: 'Proposition', body: `${randomUUID()} ${text}`, language: 'fr', publication: { preference: 'anonymous' } });
  return `POST ${target.pathname} HTTP/1.1\r\nhost: ${target.host}\r\ncontent-type: application/json\r\nidempotency-key: ${randomUUID()}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function converse(): Promise<void> {
  const socket = connect(Number(target.port), target.hostname).setNoDelay(true);
  while (performance.now() < end) {
    const sentAt = performance.now();
    socket.write(request());
    const status = await reply(socket);
    statuses[status] = (statuses[status] ?? 0) + 1;
    latencies.push(performance.now() - sentAt);
  }
  socket.destroy();
}

/** @returns the status, once head and body are there. */
async function reply(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const read = (chunk: Buffer): void => {
      received += chunk.toString('latin1');
      const head = received.indexOf('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(received)?.[1];
      if (head === -1 || length === undefined || received.length < head + 4 + Number(length)) return;
      socket.off('data', read).off('close', gone);
      resolve(received.slice(9, 12));
    };
    const gone = (): void => { reject(new Error('The server closed the connection')); };
    socket.on('data', read).once('close', gone);
  });
}

await Promise.all(Array.from({ length: Number(connections) }, () => converse()));
latencies.sort((a, b) => a - b);
const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - start) / 1_000, statuses, p50: at(0.5), p99: at(0.99) })}\n`);
