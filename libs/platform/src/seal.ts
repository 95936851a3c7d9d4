import { createCipheriv, createHash, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { compactDecrypt, importJWK, type JWK } from 'jose';
import type { z } from 'zod';

/** A sealer agrees anew after so many messages or so long: what one content key opens stays little. */
const AGREEMENT = { messages: 1_000, milliseconds: 60_000 };

/** What one key agreement gives: the protected header, which names the ephemeral key, and the content key. */
interface Agreement {
  readonly header: string;
  readonly contentKey: Buffer;
}

/** For the holder of the private key alone: JWE compact, ECDH-ES with A256GCM (RFC 7516, RFC 7518 §4.6). */
export async function seal(publicJwk: JWK, payload: object): Promise<string> {
  return createSealer(publicJwk)(payload);
}

/**
 * As `seal`, for many messages: they share a key agreement, which costs as much as the rest of a request, and each has an initialisation vector of its own.
 * Written on node:crypto because jose agrees for every message; `unseal` and any other JWE reader open what it makes.
 * @param publicJwk P-256.
 */
export function createSealer(publicJwk: JWK): (payload: object) => Promise<string> {
  let recipient: KeyObject | undefined;
  let agreement: Agreement | undefined;
  let left = 0;
  let until = 0;
  return async (payload) => {
    recipient ??= createPublicKey({ key: publicJwk, format: 'jwk' });
    if (!agreement || left === 0 || performance.now() >= until) {
      agreement = agree(recipient, publicJwk.kid);
      left = AGREEMENT.messages;
      until = performance.now() + AGREEMENT.milliseconds;
    }
    left--;
    return encrypt(agreement, Buffer.from(JSON.stringify(payload)));
  };
}

function agree(recipient: KeyObject, kid: string | undefined): Agreement {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  const header = { alg: 'ECDH-ES', enc: 'A256GCM', ...(kid === undefined ? {} : { kid }), epk: { kty, crv, x, y } };
  return { header: Buffer.from(JSON.stringify(header)).toString('base64url'), contentKey: concatKdf(diffieHellman({ privateKey, publicKey: recipient })) };
}

/** One round of NIST SP 800-56A's Concat KDF, as RFC 7518 §4.6.2 wants it for 256 bits: AlgorithmID, empty PartyUInfo and PartyVInfo, key length. */
function concatKdf(secret: Buffer): Buffer {
  const algorithm = Buffer.from('A256GCM');
  return createHash('sha256').update(uint32(1)).update(secret).update(uint32(algorithm.length)).update(algorithm).update(uint32(0)).update(uint32(0)).update(uint32(256)).digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function encrypt({ header, contentKey }: Agreement, plaintext: Buffer): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(Buffer.from(header, 'ascii'));
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()]).toString('base64url');
  // The second part, the encrypted key, is empty in direct agreement (RFC 7516 §5.1).
  return `${header}..${iv.toString('base64url')}.${text}.${cipher.getAuthTag().toString('base64url')}`;
}

/**
 * Tries every key, since the oldest messages were made for the oldest.
 * @throws Error when none opens it or the content is not as the schema says; the message holds nothing of it.
 */
export async function unseal<S extends z.ZodType>(privateJwks: readonly JWK[], jwe: string, schema: S): Promise<z.output<S>> {
  for (const jwk of privateJwks) {
    // Made for another key, or broken: the next may open it, and where none does the caller hears of it.
    const opened = await compactDecrypt(jwe, await importJWK(jwk, 'ECDH-ES'), { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A256GCM'] }).catch(() => undefined);
    if (!opened) continue;
    const parsed = schema.safeParse(JSON.parse(Buffer.from(opened.plaintext).toString()));
    if (!parsed.success) throw new Error('The sealed content is not what its contract says');
    return parsed.data;
  }
  throw new Error('No key opens this sealed content');
}
