import { describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../http/client.js';
import { cast } from '../campaign/cast.js';
import type { SampleFiling } from '../samples/sample.js';
import { receiptOf } from './history.js';
import { planReplay } from './plan.js';
import { replay } from './replay.js';

const filing = (n: number, on: SampleFiling['on'], author = 'p-1'): SampleFiling => ({ key: `opinion:${n}`, at: `2015-09-26T11:00:0${n}+02:00`, author, kind: 'proposal', on, body: `Texte ${n}` });

/** A stand-in for the intake that answers as it is told to, and remembers what it heard. */
async function intakeServer(answer: (request: { key: string; body: string; attempt: number }) => Promise<number> | number) {
  const heard: { key: string; body: string }[] = [];
  const receipts = new Map<string, object>();
  const server: Server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const key = String(request.headers['idempotency-key']);
      const body = Buffer.concat(chunks).toString();
      heard.push({ key, body });
      const status = await answer({ key, body, attempt: heard.filter((one) => one.key === key).length });
      if (status === 0) return void request.socket.destroy();
      if (!receipts.has(key)) receipts.set(key, { contributionId: randomUUID(), filingNumber: '2026-000001-A', receivedAt: '2026-03-01T11:00:00.000Z', bodySha256: 'a'.repeat(64), managementToken: 't'.repeat(43), responsibleService: cast().rules.responsibleService });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(status === 201 ? receipts.get(key) : { type: '/problems/x' }));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new Client();
  const { port } = server.address() as { port: number };
  return { heard, intake: { client, url: `http://127.0.0.1:${port}/` }, stop: () => { client.close(); server.close(); } };
}

const nodeId = () => '7c4f6f1e-2f0c-4d43-9a51-6c1f8f0d2a11';

describe('the replay', () => {
  it('sends an answer only once its parent has a receipt, and names the parent by that', async () => {
    const served = await intakeServer(async ({ body }) => {
      if (body.includes('Texte 1')) await sleep(80);
      return 201;
    });
    try {
      const plan = planReplay([filing(1, { chapter: 'Les Communs' }), filing(2, { filing: 'opinion:1' })], 0.01, 'example.org').map((one) => ({ ...one, repeatAfterMs: undefined }));
      const [parent, child] = await replay(plan, { intake: served.intake, nodeId });
      expect(served.heard.map(({ body }) => JSON.parse(body).body)).toEqual(['Texte 1', 'Texte 2']);
      expect(JSON.parse(child!.body.toString()).targets).toEqual([{ type: 'contribution', id: receiptOf(parent!)!.contributionId }]);
    } finally {
      served.stop();
    }
  });

  it('asks again with the same key and bytes after 503 and after a broken connection, until the answer is definite', async () => {
    const served = await intakeServer(({ attempt }) => [503, 0, 201][attempt - 1] ?? 201);
    try {
      const plan = planReplay([filing(1, { chapter: 'Les Communs' })], 0, 'example.org').map((one) => ({ ...one, repeatAfterMs: undefined }));
      const [filed] = await replay(plan, { intake: served.intake, nodeId });
      expect(served.heard).toHaveLength(3);
      expect(new Set(served.heard.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
      expect(filed!.answers.map(({ kind }) => kind)).toEqual(['accepted']);
    } finally {
      served.stop();
    }
  });

  it('does not send an answer to what was refused, and says why', async () => {
    const served = await intakeServer(() => 409);
    try {
      const [, child] = await replay(planReplay([filing(1, { chapter: 'Les Communs' }), filing(2, { filing: 'opinion:1' })], 0.01, 'example.org').map((one) => ({ ...one, repeatAfterMs: undefined })), { intake: served.intake, nodeId });
      expect(child!.answers).toEqual([{ kind: 'unknown', why: expect.stringContaining('opinion:1') }]);
      expect(served.heard).toHaveLength(1);
    } finally {
      served.stop();
    }
  });

  it('takes a refusal for an answer, and sends the second copy of a nervous network', async () => {
    const served = await intakeServer(() => 409);
    try {
      const plan = planReplay([filing(1, { chapter: 'Les Communs' })], 0, 'example.org').map((one) => ({ ...one, repeatAfterMs: 5 }));
      const [filed] = await replay(plan, { intake: served.intake, nodeId });
      expect(filed!.answers).toEqual([expect.objectContaining({ kind: 'refused', status: 409 }), expect.objectContaining({ kind: 'refused', status: 409 })]);
      expect(served.heard).toHaveLength(2);
    } finally {
      served.stop();
    }
  });
});
