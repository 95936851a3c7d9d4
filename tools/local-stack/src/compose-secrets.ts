import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Keys } from './keys.js';
import { oidcSettings } from './oidc.js';
import { createDatabases, databaseUrls } from './service-databases.js';
import { serviceSecrets } from './service-environment.js';
import { issuerAt } from './staff-token.js';
import { serviceNames } from './types.js';

/** As the containers of docker-compose.yml reach one another. */
const REDIS_URL = 'redis://redis:6379';
const SMTP_URL = 'smtp://mail:1025';
const IDENTITY_PORT = 8080;
const adminUrl = (keys: Keys): string => `postgres://postgres:${keys.password('postgres-admin')}@postgres:5432/postgres`;
const keysIn = (folder: string): Keys => new Keys(join(folder, 'keys'));

/**
 * Writes what the containers keep secret, a folder for each reader and a file for each name. Drawn at the first start and kept
 * in `keys/`, so that a later start changes nothing.
 * @param publicAddress of the entry: the sign-in server names itself by it.
 */
export async function drawSecrets(folder: string, publicAddress: string): Promise<void> {
  const keys = keysIn(folder);
  const secrets: Record<string, Record<string, string>> = {
    postgres: { POSTGRES_PASSWORD: keys.password('postgres-admin') },
    identity: { 'oidc.json': JSON.stringify(await oidcSettings(keys, { issuer: issuerAt(publicAddress), host: '0.0.0.0', port: IDENTITY_PORT })) },
    ...(await serviceSecrets(keys, { databaseUrls: databaseUrls(adminUrl(keys), keys, serviceNames, ''), redisUrl: REDIS_URL, smtpUrl: SMTP_URL })),
  };
  for (const [reader, files] of Object.entries(secrets)) {
    mkdirSync(join(folder, reader), { recursive: true });
    for (const [name, text] of Object.entries(files)) write(join(folder, reader, name), text);
  }
}

/** A role and a database for each service on the PostgreSQL of the containers, under the passwords drawn. */
export async function createComposeDatabases(folder: string): Promise<void> {
  const keys = keysIn(folder);
  await createDatabases(adminUrl(keys), keys, serviceNames, '');
}

/** Beside, then renamed: a reader that runs sees the old one or the new one. */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o400 });
  renameSync(`${file}.new`, file);
}
