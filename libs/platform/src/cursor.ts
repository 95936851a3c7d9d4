import { createHmac, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';
import { DomainError } from './errors.js';

export class CursorInvalid extends DomainError {
  readonly code = 'request.cursor-invalid';
  readonly kind = 'malformed';
  readonly title = { fr: 'Curseur non valable', en: 'Cursor not valid' };
}

const mac = (key: Buffer, payload: string): Buffer => createHmac('sha256', key).update('cursor\0').update(payload).digest().subarray(0, 16);

/** An opaque position in a list, which only this service can make. */
export function signCursor(key: Buffer, value: object): string {
  const payload = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${payload}.${mac(key, payload).toString('base64url')}`;
}

/** @throws CursorInvalid unless `signCursor` made it under this key for this schema. */
export function readCursor<S extends z.ZodType>(key: Buffer, cursor: string, schema: S): z.output<S> {
  const [payload = '', signature = ''] = cursor.split('.', 2);
  const given = Buffer.from(signature, 'base64url');
  const expected = mac(key, payload);
  const refused = new CursorInvalid({ fr: 'Reprenez la liste depuis le début.', en: 'Start the list again.' });
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refused;
  const parsed = schema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  if (!parsed.success) throw refused;
  return parsed.data;
}
