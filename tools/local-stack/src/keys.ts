import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

/**
 * The stack's secrets, drawn at random when first asked for and kept in `<folder>/keys.json`, readable by its owner only:
 * data that was written under a key can be read at the next start.
 */
export class Keys {
  private readonly file: string;
  private readonly known: Record<string, unknown>;

  constructor(folder: string) {
    this.file = join(folder, 'keys.json');
    this.known = read(this.file);
  }

  /** A password that needs no escaping in a URL. */
  password(name: string): string {
    return this.keep(name, () => randomBytes(24).toString('base64url'));
  }

  /** 32 random bytes, base64url. */
  secret(name: string): string {
    return this.keep(name, () => randomBytes(32).toString('base64url'));
  }

  /** Versioned secrets as the services read them: `{"1":"…"}`. */
  ring(name: string): Record<string, string> {
    return this.keep(name, () => ({ 1: randomBytes(32).toString('base64url') }));
  }

  /** A key pair as JWKs with a key id. */
  async pair(name: string, algorithm: 'ES256' | 'EdDSA' | 'ECDH-ES'): Promise<{ publicJwk: JWK; privateJwk: JWK }> {
    if (this.known[name] === undefined) {
      const curve = { ES256: {}, EdDSA: { crv: 'Ed25519' }, 'ECDH-ES': { crv: 'P-256' } }[algorithm];
      const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true, ...curve });
      const about = { kid: `${name}-1`, alg: algorithm, use: algorithm === 'ECDH-ES' ? 'enc' : 'sig' };
      this.known[name] = { publicJwk: { ...(await exportJWK(publicKey)), ...about }, privateJwk: { ...(await exportJWK(privateKey)), ...about } };
      this.save();
    }
    return this.known[name] as { publicJwk: JWK; privateJwk: JWK };
  }

  private keep<T>(name: string, draw: () => T): T {
    if (this.known[name] === undefined) {
      this.known[name] = draw();
      this.save();
    }
    return this.known[name] as T;
  }

  private save(): void {
    writeFileSync(this.file, `${JSON.stringify(this.known, undefined, 2)}\n`, { mode: 0o600 });
  }
}

function read(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
