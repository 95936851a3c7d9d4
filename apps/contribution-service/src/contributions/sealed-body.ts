import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import type { KeyRing } from '@cahier/platform';
import { secretKey } from './secret-key.js';

const VERSION_BYTES = 2;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = VERSION_BYTES + IV_BYTES + TAG_BYTES;

/** Version of the key (2 bytes, big-endian), IV, tag, AES-256-GCM of the body. Bound to its contribution: it opens in no other row. */
export function sealBody(keys: KeyRing, contributionId: string, body: Buffer): Buffer {
  const sealed = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  sealed.writeUInt16BE(keys.current, 0);
  const iv = freshIv();
  sealed.set(iv, VERSION_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secretKey(keys, keys.current), iv).setAAD(Buffer.from(contributionId));
  sealed.set(cipher.update(body), HEAD_BYTES);
  cipher.final();
  sealed.set(cipher.getAuthTag(), VERSION_BYTES + IV_BYTES);
  return sealed;
}

/** @throws Error when it was altered, belongs to another contribution, or its key is gone. */
export function openBody(keys: KeyRing, contributionId: string, sealed: Buffer): Buffer {
  const iv = sealed.subarray(VERSION_BYTES, VERSION_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', secretKey(keys, sealed.readUInt16BE(0)), iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(contributionId))
    .setAuthTag(sealed.subarray(VERSION_BYTES + IV_BYTES, HEAD_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
}

const randomness = Buffer.alloc(256 * IV_BYTES);
let used = randomness.length;

/** Random, each used once and before the next is asked for; asked of the system many at a time. */
function freshIv(): Buffer {
  if (used === randomness.length) {
    randomFillSync(randomness);
    used = 0;
  }
  return randomness.subarray(used, (used += IV_BYTES));
}
