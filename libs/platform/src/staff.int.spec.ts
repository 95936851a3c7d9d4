import { testIssuer, type TestIssuer } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AccessTokens, SignInRequired } from './index.js';

let issuer: TestIssuer;
let tokens: AccessTokens;

beforeAll(async () => {
  issuer = await testIssuer();
  tokens = new AccessTokens({ issuer: issuer.issuer, audience: issuer.audience, jwksUrl: issuer.jwksUrl });
});
afterAll(() => issuer.stop());

const now = (): number => Math.floor(Date.now() / 1_000);
const verify = (token: string) => tokens.verify(`Bearer ${token}`);
const staff = { roles: ['moderator'] };

/** Signed by a key that the issuer does not know. */
async function forged(header: Record<string, unknown>): Promise<string> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return new SignJWT({ iss: issuer.issuer, aud: issuer.audience, sub: 'x', exp: now() + 60, roles: ['admin'] })
    .setProtectedHeader({ alg: 'ES256', ...(header['jwk'] === true ? { ...header, jwk } : header) })
    .sign(privateKey);
}

describe('an access token', () => {
  it('names who signed in', async () => {
    expect(await verify(await issuer.token({ ...staff, sub: 's', name: 'N', bodies: ['DNS'] }))).toEqual({ subject: 's', name: 'N', roles: ['moderator'], bodies: ['DNS'] });
  });

  const refused: Record<string, () => Promise<string> | string> = {
    'without a signature': () => new UnsecuredJWT({ sub: 'x', roles: ['admin'] }).setIssuer(issuer.issuer).setAudience(issuer.audience).setExpirationTime('1h').encode(),
    'signed with the public key as a secret': async () => {
      const { publicKey } = await generateKeyPair('RS256');
      return new SignJWT({ sub: 'x', roles: ['admin'] }).setProtectedHeader({ alg: 'HS256', kid: 'test' }).setIssuer(issuer.issuer).setAudience(issuer.audience).setExpirationTime('1h').sign(Buffer.from(await exportSPKI(publicKey)));
    },
    'whose kid is a path': () => forged({ kid: '../../dev/null' }),
    'whose kid is SQL': () => forged({ kid: "test' OR '1'='1" }),
    'whose kid is known and key another': () => forged({ kid: 'test' }),
    'that brings its own key': () => forged({ jwk: true }),
    'that names a key server': () => forged({ jku: `${issuer.issuer}/other` }),
    'that names a certificate': () => forged({ x5u: `${issuer.issuer}/other` }),
    'for another audience': () => issuer.token(staff, { aud: 'other' }),
    'of another issuer': () => issuer.token(staff, { iss: 'https://other.example.org' }),
    'that has expired': () => issuer.token(staff, { exp: now() - 60 }),
    'that never expires': () => issuer.token(staff, { exp: undefined }),
    'whose expiry is a text': () => issuer.token(staff, { exp: String(now() + 60) }),
    'that is not yet valid': () => issuer.token(staff, { nbf: now() + 60 }),
    'that is an ID token': () => issuer.token(staff, { nonce: 'n', at_hash: 'h' }),
    'without a subject': () => issuer.token(staff, { sub: undefined }),
    'whose roles are no list': () => issuer.token(staff, { roles: 'admin' }),
    'that is no token': () => 'abc.def.ghi',
  };
  it.each(Object.entries(refused))('%s is refused', async (_name, make) => {
    await expect(verify(await make())).rejects.toThrow(SignInRequired);
  });

  it('under another algorithm is refused, even by a key that the sign-in server publishes', async () => {
    const { privateKey, publicKey } = await generateKeyPair('PS256', { extractable: true });
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'ps' }] });
    const server = createServer((_request, response) => response.end(keys)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const other = new AccessTokens({ issuer: issuer.issuer, audience: issuer.audience, jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks` });
    const token = await new SignJWT({ sub: 'x', roles: ['admin'] }).setProtectedHeader({ alg: 'PS256', kid: 'ps' }).setIssuer(issuer.issuer).setAudience(issuer.audience).setExpirationTime('1h').sign(privateKey);
    await expect(other.verify(`Bearer ${token}`)).rejects.toThrow(SignInRequired);
    server.close();
  });

  it('cannot be judged while the sign-in server is away, which is nobody’s fault', async () => {
    const away = new AccessTokens({ issuer: issuer.issuer, audience: issuer.audience, jwksUrl: 'http://127.0.0.1:59999/jwks' });
    await expect(away.verify(`Bearer ${await issuer.token(staff)}`)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it.each([[500, '{}'], [200, 'not JSON'], [200, '{"keys":"none"}']])('cannot be judged when the sign-in server says %d %s', async (status, body) => {
    const server = createServer((_request, response) => response.writeHead(status).end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const ailing = new AccessTokens({ issuer: issuer.issuer, audience: issuer.audience, jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks` });
    await expect(ailing.verify(`Bearer ${await issuer.token(staff)}`)).rejects.toMatchObject({ kind: 'unavailable' });
    server.close();
  });
});
