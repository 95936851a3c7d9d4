import { readFileSync } from 'node:fs';

interface Sample<Data> {
  readonly id: string;
  readonly data: Data;
  readonly [attribute: string]: unknown;
}

/** The golden sample of an event, as libs/contracts keeps it. */
export function sampleOf<Data>(type: string): Sample<Data> {
  return JSON.parse(readFileSync(new URL(`../../libs/contracts/samples/${type}.json`, import.meta.url), 'utf8')) as Sample<Data>;
}
