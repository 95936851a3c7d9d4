import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '@cahier/platform';
import { secretKey } from './secret-key.js';

/** 43 characters of base64url that open one contribution to its author. Derived, so that nothing secret is stored and a repeated request gets the same one. */
export function managementToken(keys: KeyRing, version: number, contributionId: string): string {
  return createHmac('sha256', secretKey(keys, version)).update(`management:${contributionId}`).digest('base64url');
}

/** In constant time. */
export function isManagementToken(token: string, keys: KeyRing, version: number, contributionId: string): boolean {
  const expected = Buffer.from(managementToken(keys, version, contributionId));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
