import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { Keys } from './keys.js';
import { serviceNames, type ServiceName } from './types.js';

/** One role and one database per service; no role can connect to another's database. Made where missing, left as it is where not. */
export async function createDatabases(adminUrl: string, keys: Keys, names: readonly ServiceName[], suffix: string): Promise<Record<ServiceName, string>> {
  const admin = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  await admin.connect();
  try {
    for (const service of names) await createDatabase(admin, databaseName(service, suffix), passwordOf(keys, service));
    return databaseUrls(adminUrl, keys, names, suffix);
  } finally {
    await admin.end();
  }
}

/** Where each service finds its database, be it made already or not. */
export function databaseUrls(adminUrl: string, keys: Keys, names: readonly ServiceName[], suffix: string): Record<ServiceName, string> {
  const urls = names.map((service): [ServiceName, string] => {
    const url = new URL(adminUrl);
    const name = databaseName(service, suffix);
    [url.username, url.password, url.pathname] = [name, passwordOf(keys, service), `/${name}`];
    return [service, url.href];
  });
  return Object.fromEntries(urls) as Record<ServiceName, string>;
}

/** Removes what `createDatabases` made under this suffix, on a server that goes on for others. */
export async function dropDatabases(adminUrl: string, suffix: string): Promise<void> {
  const admin = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  try {
    await admin.connect();
  } catch (error) {
    // The server has gone since, and its databases with it.
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return;
    throw error;
  }
  try {
    for (const service of serviceNames) {
      const name = escapeIdentifier(databaseName(service, suffix));
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.query(`DROP ROLE IF EXISTS ${name}`);
    }
  } finally {
    await admin.end();
  }
}

const passwordOf = (keys: Keys, service: ServiceName): string => keys.password(`${service}-database`);
const databaseName = (service: ServiceName, suffix: string): string => `${service.replace('-service', '')}${suffix}`;

async function createDatabase(admin: Client, name: string, password: string): Promise<void> {
  const [role, secret] = [escapeIdentifier(name), escapeLiteral(password)];
  const known = await admin.query('SELECT (SELECT count(*) FROM pg_roles WHERE rolname = $1)::int AS roles, (SELECT count(*) FROM pg_database WHERE datname = $1)::int AS databases', [name]);
  const { roles, databases } = known.rows[0] as { roles: number; databases: number };
  await admin.query(`${roles === 0 ? 'CREATE' : 'ALTER'} ROLE ${role} LOGIN PASSWORD ${secret}`);
  if (databases > 0) return;
  await admin.query(`CREATE DATABASE ${role} OWNER ${role}`);
  await admin.query(`REVOKE CONNECT ON DATABASE ${role} FROM PUBLIC`);
}
