import { readFileSync } from 'node:fs';
import { envelopeSchema, type Envelope } from './event.js';

/** The golden sample of a type: one event as it was published when the version was made. Such a file is never edited. */
export function sampleOf(type: string): Envelope {
  return envelopeSchema.parse(JSON.parse(readFileSync(new URL(`../samples/${type}.json`, import.meta.url), 'utf8')));
}
