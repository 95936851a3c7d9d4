import type { SampleFiling } from '../samples/sample.js';
import { file, sendUntilDefinite, type Intake } from './file.js';
import { receiptOf, type Answer, type Filed } from './history.js';
import { idempotencyKeyOf, planOf } from './plan.js';
import { requestBody } from './request-body.js';
import type { ServerClock } from './server-clock.js';

const EDGE_FILINGS = 50;
const EDGE_MS = 200;

interface Edge {
  readonly intake: Intake;
  readonly clock: ServerClock;
  readonly nodeId: (heading: string) => string;
  readonly closesAt: number;
  /** Whose words are used again; they are about the bill, not about another filing. */
  readonly samples: readonly SampleFiling[];
}

/** Fifty more, aimed evenly at the last 200 ms before closing and the first 200 ms after it. */
export async function fileAroundClosing({ intake, clock, nodeId, closesAt, samples }: Edge): Promise<Filed[]> {
  const aims = Array.from({ length: EDGE_FILINGS }, (_, n) => -EDGE_MS + (2 * EDGE_MS * n) / (EDGE_FILINGS - 1));
  return Promise.all(
    aims.map(async (offset, n) => {
      await clock.until(closesAt + offset);
      return fileCopy({ intake, nodeId }, `edge:${n + 1}`, samples[n % samples.length]);
    }),
  );
}

/** A contribution of its own with a sample's words. */
export async function fileCopy({ intake, nodeId }: Pick<Edge, 'intake' | 'nodeId'>, key: string, sample: SampleFiling | undefined): Promise<Filed> {
  if (!sample) throw new Error('There is no sample to copy');
  const request = { ...planOf(sample), idempotencyKey: idempotencyKeyOf(key), repeatAfterMs: undefined, key };
  return file(intake, request, requestBody(request, { node: nodeId, contribution: noContribution }));
}

/** A filing of the sample before the opening: refused, and its key free for the real one later. */
export async function fileTooEarly({ intake, nodeId }: Pick<Edge, 'intake' | 'nodeId'>, sample: SampleFiling): Promise<{ key: string; answer: Answer }> {
  const planned = planOf(sample);
  return { key: sample.key, answer: await sendUntilDefinite(intake, planned.idempotencyKey, requestBody(planned, { node: nodeId, contribution: noContribution })) };
}

/** Sends accepted ones again when it is too late for new ones. @returns the second answers, by key. */
export async function repeatAfterClosing({ intake, nodeId }: Pick<Edge, 'intake' | 'nodeId'>, filed: readonly Filed[]): Promise<Filed[]> {
  const accepted = new Map(filed.map((one) => [one.key, receiptOf(one)?.contributionId ?? '']));
  return Promise.all(
    filed.map(async (one) => {
      const body = requestBody(planOf(one.sample), { node: nodeId, contribution: (key) => accepted.get(key) ?? '' });
      return { ...one, answers: [...one.answers, await sendUntilDefinite(intake, one.idempotencyKey, body)] };
    }),
  );
}

function noContribution(key: string): string {
  throw new Error(`${key} is not there yet`);
}
