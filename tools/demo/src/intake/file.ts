import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Reply } from '../http/client.js';
import type { Answer, Filed, Problem } from './history.js';
import type { Planned } from './plan.js';
import { receipt } from './receipt.js';

/** Time is compressed: what a patient client waits is, too. */
const RETRY_EVERY_MS = 200;
const GIVE_UP_AFTER_MS = 60_000;

export interface Intake {
  readonly client: Client;
  /** `…/campaigns/{id}/contributions` */
  readonly url: string;
  /** Counts answers that were not definite and had to be asked for again. */
  readonly onRetry?: (why: string) => void;
}

export type Request = Omit<Planned, 'dueMs'> & { readonly key: string };

/** Sends a contribution, and its second copy where the plan has one, each until there is a definite answer. */
export async function file(intake: Intake, { key, filing, idempotencyKey, email, repeatAfterMs }: Request, body: Buffer): Promise<Filed> {
  const copies = [sendUntilDefinite(intake, idempotencyKey, body)];
  if (repeatAfterMs !== undefined) copies.push(sleep(repeatAfterMs).then(() => sendUntilDefinite(intake, idempotencyKey, body)));
  return { key, sample: filing, idempotencyKey, email, body, answers: await Promise.all(copies) };
}

/** A lost connection, 429 and 5xx say nothing about the contribution; the same key makes it safe to ask again. */
export async function sendUntilDefinite({ client, url, onRetry }: Intake, idempotencyKey: string, body: Buffer): Promise<Answer> {
  const start = performance.now();
  for (; ; await sleep(RETRY_EVERY_MS)) {
    let why: string;
    try {
      const reply = await client.send(url, { method: 'POST', body, headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey } });
      if (reply.status < 500 && reply.status !== 429) return definite(reply);
      why = `${reply.status}`;
    } catch (error) {
      why = (error as Error).message;
    }
    onRetry?.(why);
    if (performance.now() - start > GIVE_UP_AFTER_MS) return { kind: 'unknown', why };
  }
}

function definite({ status, body }: Reply): Answer {
  const data = JSON.parse(body.toString()) as unknown;
  return status === 201 ? { kind: 'accepted', receipt: receipt.parse(data) } : { kind: 'refused', status, problem: data as Problem };
}
