import type { Bilingual } from '@cahier/contracts';
import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { type Detail, type Fault, RequestMalformed } from './errors.js';
import { pointerOf } from './strict-json.js';

/** Where in the request a value stands, for the pointer of a fault. */
const PREFIX: Readonly<Record<string, readonly string[]>> = { query: ['query'], param: ['path'], custom: ['header'], body: [] };

const NOT_ACCEPTED: Bilingual = { fr: 'Valeur refusée', en: 'Not accepted' };

/** What a size counts: `z.string().max(20)` counts characters, `z.array()` items, `z.number()` nothing. */
const UNIT: Readonly<Record<string, Bilingual>> = {
  string: { fr: ' caractères', en: ' characters' },
  array: { fr: ' éléments', en: ' items' },
};

/** Messages without the offending value, which may be personal data. */
function describe(issue: z.core.$ZodIssue): Detail {
  switch (issue.code) {
    case 'unrecognized_keys': return { fr: 'Cette propriété n’est pas connue ici', en: 'This property is not known here' };
    case 'invalid_type': return issue.input === undefined ? { fr: 'Obligatoire', en: 'Required' } : { fr: `Type attendu\u00a0: ${issue.expected}`, en: `Expected ${issue.expected}` };
    case 'invalid_value': return { fr: `Valeurs admises\u00a0: ${issue.values.map(String).join(', ')}`, en: `Expected one of: ${issue.values.map(String).join(', ')}` };
    case 'too_big': return bound({ fr: 'Au plus', en: 'At most' }, issue.maximum, issue.origin);
    case 'too_small': return bound({ fr: 'Au moins', en: 'At least' }, issue.minimum, issue.origin);
    case 'invalid_format': return issue.format === 'regex' ? ownWords(issue.message) : { fr: `Format attendu\u00a0: ${issue.format}`, en: `Not a valid ${issue.format}` };
    case 'custom': return typeof issue.params?.['fr'] === 'string' ? { fr: issue.params['fr'], en: issue.message } : ownWords(issue.message);
    default: return NOT_ACCEPTED;
  }
}

/** What the schema says of itself; zod's own words would show the pattern. */
const ownWords = (message: string): Detail => (message.startsWith('Invalid') ? NOT_ACCEPTED : message);

function bound(words: Bilingual, limit: number | bigint, origin: string): Bilingual {
  const unit = UNIT[origin] ?? { fr: '', en: '' };
  return { fr: `${words.fr} ${limit}${unit.fr}`, en: `${words.en} ${limit}${unit.en}` };
}

/** The words of a `refine` in both languages: `.refine(isOpen, says({ fr: '…', en: '…' }))`. */
export const says = ({ fr, en }: Bilingual): { error: string; params: { fr: string } } => ({ error: en, params: { fr } });

/** The faults of a zod failure, one for each unknown property. */
export function faultsOf(error: z.ZodError, prefix: readonly string[] = []): Fault[] {
  return error.issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
    const places = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
    return places.map((place) => ({ pointer: pointerOf(place), detail: describe(issue) }));
  });
}

/** Parses what carries a zod schema (`@Body({ schema })`, `@Query`, `@Param`): the only place where a schema failure is the caller's. */
@Injectable()
export class RequestValidationPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata & { schema?: unknown }): unknown {
    const { schema } = metadata;
    if (!(schema instanceof z.ZodType)) return value;
    const parsed = schema.safeParse(value, { reportInput: true });
    if (!parsed.success) throw new RequestMalformed(faultsOf(parsed.error, PREFIX[metadata.type] ?? []));
    return parsed.data;
  }
}
