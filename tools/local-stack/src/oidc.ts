import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Keys } from './keys.js';
import { programFile } from './paths.js';
import { awaited } from './processes.js';
import { launchServer, logFile, type ServerContext } from './server.js';
import type { StackAddresses } from './addresses.js';
import { waitFor } from './wait.js';

const audience = 'cahier';

/** The one client: the command line, which signs people in by code and PKCE. */
export const clientId = 'cahier-command-line';

/** Where it is sent back to. Nothing listens there: the client reads the code out of the address. */
export const redirectUri = 'http://127.0.0.1/signed-in';

/** What the sign-in server's process reads; holds its signing key. */
export interface OidcSettings {
  /** Its path, if any, stands before every address of the server. */
  readonly issuer: string;
  readonly host: string;
  readonly port: number;
  readonly audience: string;
  readonly clientId: string;
  readonly signingKey: object;
  readonly cookieKey: string;
}

export async function oidcSettings(keys: Keys, place: Pick<OidcSettings, 'issuer' | 'host' | 'port'>): Promise<OidcSettings> {
  const { privateJwk } = await keys.pair('oidc-signing', 'ES256');
  return { ...place, audience, clientId, signingKey: privateJwk, cookieKey: keys.secret('oidc-cookies') };
}

/** A stand-in for the ministry's identity provider: one account per role, no passwords. For development only. */
export async function startOidc(context: ServerContext): Promise<StackAddresses['oidc']> {
  const port = await context.ledger.port('oidc');
  const issuer = `http://127.0.0.1:${port}`;
  const file = join(context.ledger.folder, 'oidc.json');
  writeFileSync(file, JSON.stringify(await oidcSettings(context.keys, { issuer, host: '127.0.0.1', port })), { mode: 0o600 });
  const identity = await launchServer(context, 'oidc', { stopWith: 'SIGTERM' }, {
    name: 'The sign-in server',
    command: process.execPath,
    args: ['--max-old-space-size=128', programFile('oidc'), file],
  });
  const discovery = `${issuer}/.well-known/openid-configuration`;
  const { jwks_uri: jwksUrl } = await waitFor('the sign-in server', async () => (await (await fetch(discovery)).json()) as { jwks_uri: string }, {
    timeoutMs: 30_000,
    of: awaited('The sign-in server', identity, logFile(context, 'oidc')),
  });
  return { issuer, jwksUrl, audience };
}
