import { createSecretKey, type KeyObject } from 'node:crypto';
import type { KeyRing } from '@cahier/platform';

const prepared = new WeakMap<KeyRing, Map<number, KeyObject>>();

/** A ring's key, prepared once: with the bare bytes every single use costs ten times the cipher itself. */
export function secretKey(ring: KeyRing, version: number): KeyObject {
  let keys = prepared.get(ring);
  if (!keys) prepared.set(ring, (keys = new Map<number, KeyObject>()));
  let key = keys.get(version);
  if (!key) keys.set(version, (key = createSecretKey(ring.key(version))));
  return key;
}
