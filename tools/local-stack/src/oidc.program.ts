import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';
import { accounts, accountOf, rememberBodies } from './oidc-accounts.js';
import { signInPage } from './oidc-page.js';
import { redirectUri, type OidcSettings } from './oidc.js';

/**
 * The local sign-in server as a process of its own. It stands in for the ministry's identity provider and asks for
 * no password: whoever reaches it is whom they choose to be.
 */
const [settingsFile] = process.argv.slice(2);
if (settingsFile === undefined) throw new Error('Usage: oidc.program.js <settings file>');
const settings = JSON.parse(readFileSync(settingsFile, 'utf8')) as OidcSettings;

/** Where the server stands behind others at one address: `/identite`; empty when it has an address of its own. */
const prefix = new URL(settings.issuer).pathname.replace(/\/$/, '');

const RESOURCE = 'urn:cahier:services';
const HOUR = 3600;

const configuration: Configuration = {
  clients: [
    {
      client_id: settings.clientId,
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [settings.signingKey] },
  cookies: { keys: [settings.cookieKey] },
  claims: { openid: ['sub'], profile: ['name'] },
  pkce: { required: () => true },
  ttl: { AccessToken: 8 * HOUR, AuthorizationCode: 60, Grant: 8 * HOUR, IdToken: HOUR, Interaction: HOUR, Session: 8 * HOUR },
  findAccount: (_ctx, id) => {
    const account = accountOf(id);
    return account && { accountId: id, claims: () => ({ sub: id, name: account.name }) };
  },
  extraTokenClaims: (_ctx, token) => {
    const account = 'accountId' in token && token.accountId !== undefined ? accountOf(token.accountId) : undefined;
    return account && { name: account.name, roles: [account.role], bodies: account.bodies };
  },
  // Who the person is does not depend on what was chosen at this sign-in.
  formats: {
    customizers: {
      jwt: (_ctx, token, jwt) => {
        if ('accountId' in token && token.accountId !== undefined) Object.assign(jwt.payload, { sub: accountOf(token.accountId)?.role });
      },
    },
  },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => RESOURCE,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'staff', audience: settings.audience, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
    },
  },
  interactions: { url: (_ctx, interaction) => `${prefix}/sign-in/${interaction.uid}` },
  // The one client is ours: nobody is asked for consent.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: settings.clientId, accountId: ctx.oidc.session?.accountId ?? '' });
    grant.addOIDCScope('openid profile');
    grant.addResourceScope(RESOURCE, 'staff');
    await grant.save();
    return grant;
  },
};

const provider = new Provider(settings.issuer, configuration);
const serveProvider = provider.callback();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', settings.issuer);
  if (pathname === `${prefix}/`) return sendPage(response, signInPage(accounts));
  if (!pathname.startsWith(`${prefix}/sign-in/`)) return void (await serveProvider(belowPrefix(request), response));
  if (request.method !== 'POST') return sendPage(response, signInPage(accounts, pathname));

  const form = new URLSearchParams(await bodyOf(request));
  const accountId = form.get('account') ?? '';
  if (!accountOf(accountId)) return sendPage(response, signInPage(accounts, pathname), 400);
  const bodies = (form.get('bodies') ?? '').split(',').map((body) => body.trim()).filter((body) => body !== '');
  await provider.interactionFinished(request, response, { login: { accountId: rememberBodies(accountId, bodies) } });
}

/** As oidc-provider wants to be mounted: it makes its own addresses out of the difference between these two. */
function belowPrefix(request: IncomingMessage): IncomingMessage {
  const { url = '/' } = request;
  return Object.assign(request, { originalUrl: url, url: url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : url });
}

function sendPage(response: ServerResponse, html: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' http://127.0.0.1:*" });
  response.end(html);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    if (chunks.reduce((sum, { length }) => sum + length, 0) > 16_384) throw new Error('The form is too large');
  }
  return Buffer.concat(chunks).toString('utf8');
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error);
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('Sign-in failed; see the log of the sign-in server.\n');
  });
});
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
server.listen(settings.port, settings.host);
