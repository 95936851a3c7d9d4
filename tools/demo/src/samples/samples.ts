import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { sampleFiling, type SampleFiling } from './sample.js';

const folder = new URL('../../../../samples/republique-numerique-2015/', import.meta.url);

/** The bill as campaign-service imports it. */
export function bill(): string {
  return readFileSync(new URL('bill.md', folder), 'utf8');
}

/** All 4 986 filings in the order of arrival. */
export async function sampleFilings(): Promise<SampleFiling[]> {
  const filings: SampleFiling[] = [];
  for await (const line of createInterface({ input: createReadStream(new URL('filings.ndjson', folder)), crlfDelay: Infinity })) filings.push(sampleFiling.parse(JSON.parse(line)));
  return filings;
}
