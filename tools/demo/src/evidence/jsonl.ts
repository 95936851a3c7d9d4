import { contributionFacts } from '@cahier/contracts';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Shown } from './contribution.js';

/** The rows of contributions.jsonl: the facts as the contract has them. */
export async function readJsonl(path: string): Promise<Shown[]> {
  const rows: Shown[] = [];
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const { contributionId, bodySha256, receivedAt, status, classification, text } = contributionFacts.parse(JSON.parse(line));
    rows.push({ id: contributionId, sha256: bodySha256, receivedAt, status, kind: classification.kind, stance: classification.stance, title: text?.title, body: text?.body });
  }
  return rows;
}
