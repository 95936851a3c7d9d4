import type { SampleFiling } from '../samples/sample.js';
import { file, sendUntilDefinite, type Intake } from './file.js';
import type { Answer, Filed } from './history.js';
import { idempotencyKeyOf, planOf } from './plan.js';
import { requestBody } from './request-body.js';
import type { ServerClock } from './server-clock.js';

const EDGE_FILINGS = 50;
const EDGE_MS = 200;

interface Place {
  readonly intake: Intake;
  readonly nodeId: (heading: string) => string;
  /** Of the authors' addresses. */
  readonly domain: string;
}

interface Edge extends Place {
  readonly clock: ServerClock;
  /** By the server's clock. */
  readonly closesAt: number;
  /** Whose words are used again; they are about the bill, not about another filing. */
  readonly samples: readonly SampleFiling[];
}

/** Fifty more, aimed evenly at the last 200 ms before closing and the first 200 ms after it. */
export async function fileAroundClosing({ clock, closesAt, samples, ...place }: Edge): Promise<Filed[]> {
  const aims = Array.from({ length: EDGE_FILINGS }, (_, n) => -EDGE_MS + (2 * EDGE_MS * n) / (EDGE_FILINGS - 1));
  return Promise.all(
    aims.map(async (offset, n) => {
      await clock.until(closesAt + offset);
      return fileCopy(place, `edge:${n + 1}`, samples[n % samples.length]);
    }),
  );
}

/** A contribution of its own with a sample's words. */
export async function fileCopy({ intake, nodeId, domain }: Place, key: string, sample: SampleFiling | undefined): Promise<Filed> {
  if (!sample) throw new Error('There is no sample to copy');
  const request = { ...planOf(sample, domain), idempotencyKey: idempotencyKeyOf(key), repeatAfterMs: undefined, key };
  return file(intake, request, requestBody(request, { node: nodeId, contribution: noContribution }));
}

/** A filing of the sample before the opening: refused, and its key free for the real one later. */
export async function fileTooEarly({ intake, nodeId, domain }: Place, sample: SampleFiling): Promise<{ key: string; answer: Answer }> {
  const planned = planOf(sample, domain);
  return { key: sample.key, answer: await sendUntilDefinite(intake, planned.idempotencyKey, requestBody(planned, { node: nodeId, contribution: noContribution })) };
}

/** Sends the same bytes under the same key once more, now that it is too late for new ones. */
export async function repeat(intake: Intake, filed: Filed): Promise<Filed> {
  return { ...filed, answers: [...filed.answers, await sendUntilDefinite(intake, filed.idempotencyKey, filed.body)] };
}

function noContribution(key: string): string {
  throw new Error(`${key} is not there yet`);
}
