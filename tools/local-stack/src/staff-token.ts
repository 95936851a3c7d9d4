import * as client from 'openid-client';
import { clientId, redirectUri } from './oidc.js';
import { StackProblem } from './problem.js';
import type { StackAddresses } from './addresses.js';
import type { StaffRole } from './types.js';

/** The sign-in server that docker-compose.yml brings names itself so. @param entry its address, without a trailing slash. */
export const issuerAt = (entry: string): string => `${entry}/identite`;

/**
 * Signs in as the account of `role` at the stack's sign-in server, by authorization code with PKCE, doing what a browser
 * and a person would: follow the redirects, choose the account on the page.
 * @param options.bodies becomes the claim of the same name: the steering bodies whose reports a steering member may see.
 * @returns an access token (JWT) for the services, good for eight hours.
 */
export async function staffToken({ oidc }: { oidc: Pick<StackAddresses['oidc'], 'issuer'> }, role: StaffRole, { bodies = [] }: { bodies?: readonly string[] } = {}): Promise<string> {
  const server = await client.discovery(new URL(oidc.issuer), clientId, undefined, client.None(), { execute: [client.allowInsecureRequests] });
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const start = client.buildAuthorizationUrl(server, {
    redirect_uri: redirectUri,
    scope: 'openid profile staff',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  });
  const back = await signIn(start, new URLSearchParams({ account: role, bodies: bodies.join(',') }));
  const tokens = await client.authorizationCodeGrant(server, back, { pkceCodeVerifier: verifier, expectedState: state });
  return tokens.access_token;
}

/** @returns the address the server sends the person back to, with the code. */
async function signIn(start: URL, form: URLSearchParams): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  let chosen: URLSearchParams | undefined;
  for (let step = 0; step < 10; step++) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(chosen && { method: 'POST', body: chosen }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null && (!response.ok || chosen)) throw new StackProblem(`The sign-in server answered ${response.status}: ${(await response.text()).replaceAll(/<style[\s\S]*<\/style>|<[^>]*>/g, '').replaceAll(/\s+/g, ' ').slice(0, 300)}`);
    chosen = location === null ? form : undefined; // the page with the accounts: choose one
    if (location === null) continue;
    url = new URL(location, url);
    if (url.href.startsWith(redirectUri)) return url;
  }
  throw new StackProblem('The sign-in server redirects without end');
}
