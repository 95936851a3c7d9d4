import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import { clientId, redirectUri } from './oidc.js';
import { startStack } from './stack.js';
import { staffToken } from './staff-token.js';
import { staffRoles, type Stack } from './types.js';

// Real processes on a machine that may be busy: a limit against hanging, not a promise of speed.
jest.setTimeout(60_000);

describe('staffToken', () => {
  let stack: Stack<'oidc'>;

  beforeAll(async () => {
    stack = await startStack({ parts: ['oidc'], folder: mkdtempSync(join(tmpdir(), 'cahier-sign-in-')), throwAway: true });
  });
  afterAll(() => stack.stop());

  /** As a service does it. */
  async function verified(token: string): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(stack.oidc.jwksUrl)), { issuer: stack.oidc.issuer, audience: 'cahier', algorithms: ['ES256'], requiredClaims: ['exp', 'sub'] });
    return payload;
  }

  it.each(staffRoles)('signs in the account of %s, with a token the services can verify', async (role) => {
    const { roles, sub, name } = await verified(await staffToken(stack, role));

    expect(roles).toEqual([role]);
    expect(sub).toBe(role);
    expect(name).toMatch(/^\p{L}+ \p{L}+$/u);
  });

  it('names the bodies of a steering member, who stays the same person', async () => {
    const { bodies, sub } = await verified(await staffToken(stack, 'steering-member', { bodies: ['comité-numérique', 'cnil'] }));

    expect(bodies).toEqual(['comité-numérique', 'cnil']);
    expect(sub).toBe('steering-member');
  });

  it('gives no code to a client that does not prove itself by PKCE', async () => {
    const url = new URL('/auth', stack.oidc.issuer);
    url.search = new URLSearchParams({ client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'openid' }).toString();
    const response = await fetch(url, { redirect: 'manual' });

    expect(response.headers.get('location')).toContain('error=invalid_request');
  });

  it('shows a page that says what it is, and takes no account that it does not list', async () => {
    const page = await fetch(stack.oidc.issuer);
    expect(await page.text()).toContain('il ne demande aucun mot de passe');

    const response = await fetch(new URL('/sign-in/x', stack.oidc.issuer), { method: 'POST', body: new URLSearchParams({ account: 'minister' }) });
    expect(response.status).toBe(400);
  });
});
