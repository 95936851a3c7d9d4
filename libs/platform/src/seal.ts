import { CompactEncrypt, compactDecrypt, importJWK, type JWK } from 'jose';
import type { z } from 'zod';

/** For the holder of the private key alone: JWE compact, ECDH-ES with A256GCM (RFC 7516, RFC 7518 §4.6). */
export async function seal(publicJwk: JWK, payload: object): Promise<string> {
  return createSealer(publicJwk)(payload);
}

/** As `seal`, with the key imported once. */
export function createSealer(publicJwk: JWK): (payload: object) => Promise<string> {
  let key: ReturnType<typeof importJWK> | undefined;
  const header = { alg: 'ECDH-ES', enc: 'A256GCM', ...(publicJwk.kid === undefined ? {} : { kid: publicJwk.kid }) };
  return async (payload) => new CompactEncrypt(Buffer.from(JSON.stringify(payload))).setProtectedHeader(header).encrypt(await (key ??= importJWK(publicJwk, 'ECDH-ES')));
}

/**
 * Tries the key that the header names, or all.
 * @throws Error when none opens it or the content is not as the schema says; the message holds nothing of it.
 */
export async function unseal<S extends z.ZodType>(privateJwks: readonly JWK[], jwe: string, schema: S): Promise<z.output<S>> {
  for (const jwk of privateJwks) {
    const opened = await compactDecrypt(jwe, await importJWK(jwk, 'ECDH-ES'), { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A256GCM'] }).catch(() => undefined);
    if (!opened) continue;
    const parsed = schema.safeParse(JSON.parse(Buffer.from(opened.plaintext).toString()));
    if (!parsed.success) throw new Error('The sealed content is not what its contract says');
    return parsed.data;
  }
  throw new Error('No key opens this sealed content');
}
