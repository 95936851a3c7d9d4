import { createHash } from 'node:crypto';
import type { Shown } from '../evidence/contribution.js';
import { receiptOf, type Filed } from '../intake/history.js';
import type { SampleFiling } from '../samples/sample.js';
import type { Check } from './check.js';
import type { Evidence } from './evidence.js';

/** An accepted filing as every place of the system must show it, from the sample, the bytes sent and the receipt alone. */
export interface Expected {
  readonly key: string;
  readonly id: string;
  readonly sha256: string;
  readonly kind: string;
  readonly stance: string | undefined;
  readonly title: string | undefined;
  readonly body: string;
  readonly section: string;
  readonly receivedAt: string;
  readonly email: string | undefined;
  /** On which the person of 2015 filed it, at Paris time. */
  readonly sampleDay: string;
}

export function expectedOf({ filed, edges }: Pick<Evidence, 'filed' | 'edges'>): Expected[] {
  const samples = new Map(filed.map(({ sample }) => [sample.key, sample]));
  return [...filed, ...edges].flatMap((one) => {
    const receipt = receiptOf(one);
    if (!receipt) return [];
    const { kind, stance, title, body, at } = one.sample;
    return [{ key: one.key, id: receipt.contributionId, sha256: sha256(one), kind, stance, title, body, section: sectionOf(one.sample, samples), receivedAt: receipt.receivedAt, email: one.email, sampleDay: at.slice(0, 10) }];
  });
}

export const sha256 = ({ body }: Pick<Filed, 'body'>): string => createHash('sha256').update(body).digest('hex');

/** The heading under which a filing counts: an answer counts where what it answers does. */
function sectionOf({ on }: SampleFiling, samples: ReadonlyMap<string, SampleFiling>): string {
  if ('chapter' in on) return on.chapter;
  if ('article' in on) return on.article;
  const parent = samples.get(on.filing);
  if (!parent) throw new Error(`The sample has no ${on.filing}`);
  return sectionOf(parent, samples);
}

const COMPARED = ['sha256', 'kind', 'stance', 'title', 'body', 'section', 'receivedAt'] as const;

/** Each expected one exactly once, nothing else, and every member that this place shows as it was sent. */
export function sameContributions(name: string, expected: readonly Expected[], seen: readonly Shown[]): Check {
  const byId = new Map(expected.map((one) => [one.id, one]));
  const found = new Map<string, number>();
  const differences: string[] = [];
  for (const one of seen) {
    found.set(one.id, (found.get(one.id) ?? 0) + 1);
    const sent = byId.get(one.id);
    if (!sent) differences.push(`phantom: ${one.id}`);
    else differences.push(...COMPARED.filter((member) => member in one && (one[member] ?? undefined) !== sent[member]).map((member) => `altered ${member}: ${sent.key}`));
  }
  for (const { id, key } of expected) {
    const times = found.get(id) ?? 0;
    if (times !== 1) differences.push(times === 0 ? `lost: ${key}` : `${times} times: ${key}`);
  }
  return { name, expected: expected.length, seen: seen.length, differences };
}
