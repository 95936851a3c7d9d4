import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

export interface TestIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  /** An access token; `overrides` replace claims, also with undefined. */
  token(staff: { roles: readonly string[]; bodies?: readonly string[]; sub?: string; name?: string }, overrides?: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

/** An identity provider's keys on loopback, and tokens signed with them. */
export async function testIssuer(): Promise<TestIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'test', alg: 'ES256', use: 'sig' }] });
  const server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(keys));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const audience = 'cahier';
  return {
    issuer,
    audience,
    jwksUrl: `${issuer}/jwks`,
    token: async ({ roles, bodies = [], sub = randomUUID(), name = 'Agent de test' }, overrides = {}) => {
      const now = Math.floor(Date.now() / 1_000);
      const payload: JWTPayload = { iss: issuer, aud: audience, sub, name, roles, bodies, iat: now, exp: now + 600, ...overrides };
      return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' }).sign(privateKey);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
