import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from '@cahier/platform';

const VERSION_BYTES = 2;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = VERSION_BYTES + IV_BYTES + TAG_BYTES;

/** Version of the key (2 bytes, big-endian), IV, tag, AES-256-GCM of the body. Bound to its contribution: it opens in no other row. */
export function sealBody(keys: KeyRing, contributionId: string, body: Buffer): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt16BE(keys.current, 0);
  const iv = randomBytes(IV_BYTES);
  iv.copy(head, VERSION_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keys.key(keys.current), iv).setAAD(Buffer.from(contributionId));
  const sealed = cipher.update(body);
  cipher.final();
  cipher.getAuthTag().copy(head, VERSION_BYTES + IV_BYTES);
  return Buffer.concat([head, sealed]);
}

/** @throws Error when it was altered, belongs to another contribution, or its key is gone. */
export function openBody(keys: KeyRing, contributionId: string, sealed: Buffer): Buffer {
  const iv = sealed.subarray(VERSION_BYTES, VERSION_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', keys.key(sealed.readUInt16BE(0)), iv, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(contributionId))
    .setAuthTag(sealed.subarray(VERSION_BYTES + IV_BYTES, HEAD_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
}
