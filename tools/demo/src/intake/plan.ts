import { createHash } from 'node:crypto';
import type { SampleFiling } from '../samples/sample.js';

/** One filing of the sample, and how the demonstration sends it. Every choice depends on the sample alone: two runs do the same. */
export interface Planned {
  readonly filing: SampleFiling;
  /** After the start of the replay. */
  readonly dueMs: number;
  readonly idempotencyKey: string;
  readonly email: string | undefined;
  readonly publication: { readonly preference: 'named' | 'anonymous' | 'not-published'; readonly authorName?: string };
  /** Sent once more, this long after the first copy, whether or not that was answered. */
  readonly repeatAfterMs: number | undefined;
  /** Some programs indent their JSON: other bytes, the same content. */
  readonly indented: boolean;
}

/** The rhythm of arrivals kept, its length brought to `seconds`. @param domain of the authors' addresses. */
export function planReplay(filings: readonly SampleFiling[], seconds: number, domain: string): Planned[] {
  const instants = filings.map(({ at }) => Date.parse(at));
  const [first = 0, last = 0] = [instants[0], instants.at(-1)];
  const scale = last === first ? 0 : (seconds * 1_000) / (last - first);
  return filings.map((filing, position) => ({ ...planOf(filing, domain), dueMs: ((instants[position] ?? first) - first) * scale }));
}

/** An eighth of the authors gave an address, a fifteenth of the requests is sent twice, a tenth of the bodies is indented. */
export function planOf(filing: SampleFiling, domain: string): Omit<Planned, 'dueMs'> {
  const { key, author } = filing;
  return {
    filing,
    idempotencyKey: idempotencyKeyOf(key),
    email: draw(author, 'address') % 8 === 0 ? `${author}@${domain}` : undefined,
    publication: publicationOf(filing),
    repeatAfterMs: draw(key, 'repeat') % 15 === 0 ? draw(key, 'repeat-after') % 60 : undefined,
    indented: draw(key, 'indented') % 10 === 0,
  };
}

/** The same source key always gives the same one, as a program that stores its key would send it again. */
export function idempotencyKeyOf(key: string): string {
  return createHash('sha256').update(`idempotency ${key}`).digest('base64url');
}

function publicationOf({ key, author }: SampleFiling): Planned['publication'] {
  switch (draw(key, 'publication') % 20) {
    case 0:
      return { preference: 'not-published' };
    case 1:
    case 2:
      return { preference: 'named', authorName: author };
    default:
      return { preference: 'anonymous' };
  }
}

/** A number that looks drawn and is fixed. */
function draw(subject: string, purpose: string): number {
  return createHash('sha256').update(`${purpose} ${subject}`).digest().readUInt32BE(0);
}
