import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { RequestMalformed } from './errors.js';
import { pointerOf } from './strict-json.js';

/** Where in the request a value stands, for the pointer of a fault. */
const PREFIX: Readonly<Record<string, readonly string[]>> = { query: ['query'], param: ['path'], custom: ['header'], body: [] };

/** Messages without the offending value, which may be personal data. */
function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys': return 'This property is not known here';
    case 'invalid_type': return issue.input === undefined ? 'Required' : `Expected ${issue.expected}`;
    case 'invalid_value': return `Expected one of: ${issue.values.map(String).join(', ')}`;
    case 'too_big': return `At most ${issue.maximum}`;
    case 'too_small': return `At least ${issue.minimum}`;
    case 'invalid_format': return `Not a valid ${issue.format}`;
    case 'custom': return issue.message;
    default: return 'Not accepted';
  }
}

/** The faults of a zod failure, one for each unknown property. */
export function faultsOf(error: z.ZodError, prefix: readonly string[] = []): { pointer: string; detail: string }[] {
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
