import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { heardCampaign, proposal, startService, until, type TestService } from './harness.spec.js';

const CLIENTS = 8;
/** Filings between one step of the rollout and the next. */
const MEANWHILE = 50;
/** Three processes start, and a busy machine is slow, not wrong. */
const PATIENCE_MS = 240_000;

let service: TestService;
const cleanUps: (() => unknown)[] = [];
beforeAll(async () => { service = await startService(); });
afterAll(() => service.stop());
afterEach(async () => { for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp(); });

/** A replica in a process of its own, as it runs in production. */
class Replica {
  private child?: ChildProcess;

  constructor(readonly port: number) {}

  async start(): Promise<void> {
    const env = { PATH: process.env['PATH'], ...service.environment, HTTP_PORT: String(this.port), LOG_LEVEL: 'silent' };
    this.child = spawn(process.execPath, ['main.js'], { cwd: join(import.meta.dirname, '..', 'dist'), env, stdio: ['ignore', 'inherit', 'inherit'] });
    await until(() => fetch(`http://127.0.0.1:${this.port}/health/ready`).then(({ ok }) => ok, () => false));
  }

  /** @returns its exit code. */
  async stop(): Promise<unknown> {
    const { child } = this;
    if (!child || child.exitCode !== null) return child?.exitCode;
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit') as unknown[];
    return code;
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

interface Answer { readonly status: number; readonly body: Buffer }

/** One attempt, on a connection of its own. @throws when nobody answers. */
async function forward(port: number, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, method, path: url, headers: { ...headers, connection: 'close' }, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response') as [IncomingMessage];
  return { status: response.statusCode!, body: await buffer(response) };
}

/** As the entry does it (compose/entry/nginx.conf): in turns; a replica that is gone, or says 503, is answered for by the other. */
async function entry(ports: readonly [number, number]): Promise<string> {
  let turn = 0;
  const answer = async (incoming: IncomingMessage): Promise<Answer> => {
    const body = await buffer(incoming);
    const [first, second] = turn++ % 2 ? ports : [ports[1], ports[0]];
    const answered = await forward(first, incoming, body).catch(() => undefined); // nobody there: the other is asked
    return answered === undefined || answered.status === 503 ? forward(second, incoming, body) : answered;
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming).then(({ status, body }) => outgoing.writeHead(status).end(body), () => outgoing.writeHead(502).end());
  });
  const port = await listening(server);
  cleanUps.push(() => { server.close(); server.closeAllConnections(); });
  return `http://127.0.0.1:${port}`;
}

it('two replicas restarted one after the other under load fail no request, and keep what they confirmed', async () => {
  const { campaignId } = await heardCampaign(service);
  const [first, second] = [new Replica(await freePort()), new Replica(await freePort())];
  for (const replica of [first, second]) cleanUps.push(() => replica.stop());
  await Promise.all([first.start(), second.start()]);
  const url = await entry([first.port, second.port]);

  const statuses = new Map<number, number>();
  const filed = (): number => statuses.get(201) ?? 0;
  let going = true;
  const client = async (): Promise<void> => {
    while (going) {
      const { status } = await fetch(`${url}/campaigns/${campaignId}/contributions`, { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() }, body: JSON.stringify(proposal()) });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  const meanwhile = async (): Promise<void> => {
    const before = filed();
    await until(async () => filed() > before + MEANWHILE);
  };
  await meanwhile();
  const exits = [await first.stop()];
  await first.start();
  await meanwhile();
  exits.push(await second.stop());
  await meanwhile();
  going = false;
  await Promise.all(clients);

  expect(exits).toEqual([0, 0]);
  expect([...statuses.keys()]).toEqual([201]);
  const [{ rows }] = await service.db.query<[{ rows: number }]>('SELECT count(*)::int AS rows FROM contribution WHERE campaign_id = $1', [campaignId]);
  expect(rows).toBe(filed());
}, PATIENCE_MS);
