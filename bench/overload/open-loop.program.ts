import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

/**
 * Open loop: requests leave at constant intervals, whether or not earlier ones were answered, and each one's time counts from
 * the instant at which it should have left: a stall is seen by everybody who came during it (coordinated omission).
 * `node open-loop.program.js <url> <per second> <seconds>` prints one line of JSON.
 */
const [url = '', rate = '500', seconds = '5'] = process.argv.slice(2);
const target = new URL(url);
const perSecond = Number(rate);
const total = Math.round(perSecond * Number(seconds));
const agent = new Agent({ keepAlive: true, maxSockets: 8_192 });
const text = 'Le texte proposé remplace l’alinéa 3 par une rédaction plus claire, qui dit à qui l’obligation s’adresse. '.repeat(8);

const statuses: Record<string, number> = {};
const accepted: number[] = [];
let withoutRetryAfter = 0;

function send(intendedAt: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (status: string): void => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === '201') accepted.push(performance.now() - intendedAt);
      resolve();
    };
    const body = JSON.stringify({ kind: 'proposal', targets: [], title: 'Proposition', body: `${randomUUID()} ${text}`, language: 'fr', publication: { preference: 'anonymous' } });
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'content-length': Buffer.byteLength(body) };
    request(target, { method: 'POST', agent, headers, timeout: 30_000 }, (response) => {
      if (response.statusCode! >= 429 && response.headers['retry-after'] === undefined) withoutRetryAfter++;
      response.resume().once('end', () => { done(String(response.statusCode)); });
    }).once('timeout', function (this: ReturnType<typeof request>) { this.destroy(); }).once('error', () => { done('none'); }).end(body);
  });
}

const start = performance.now();
const answers: Promise<void>[] = [];
while (answers.length < total) {
  const due = Math.min(total, Math.floor((performance.now() - start) * perSecond / 1_000));
  while (answers.length < due) answers.push(send(start + (answers.length * 1_000) / perSecond));
  await new Promise((resolve) => { setTimeout(resolve, 1); });
}
const sentIn = (performance.now() - start) / 1_000;
await Promise.all(answers);
const answeredIn = (performance.now() - start) / 1_000;
agent.destroy();
accepted.sort((a, b) => a - b);
const at = (share: number): number => accepted[Math.floor(accepted.length * share)] ?? Infinity;
process.stdout.write(`${JSON.stringify({ sentIn, answeredIn, statuses, withoutRetryAfter, p50: at(0.5), p99: at(0.99) })}\n`);
