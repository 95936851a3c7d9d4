import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Stack } from '@cahier/local-stack';
import type pg from 'pg';
import { createDatabase } from './database.js';
import { runProgram, startServer, type Running } from './processes.js';

export interface Intake {
  readonly server: Running;
  readonly db: pg.Client;
  readonly databaseUrl: string;
  readonly campaignId: string;
  /** Starts one more on the same database. */
  readonly replicate: () => Promise<Running>;
}

/** contribution-service as it runs in production, with one open campaign; the broker is away, which intake does not mind. */
export async function startContributionService(stack: Stack<'postgres' | 'redis'>, name = 'contribution'): Promise<Intake> {
  const { url, db } = await createDatabase(stack.postgres.adminUrl, name);
  const key = (): string => randomBytes(32).toString('base64url');
  const ring = (): string => JSON.stringify({ 1: key() });
  const env = {
    PROFILE: 'local', DURABILITY_PROFILE: 'local', DATABASE_URL: url, KAFKA_BROKERS: '127.0.0.1:9', PUBLIC_URL: 'http://127.0.0.1', OIDC_ISSUER: 'http://127.0.0.1:9', OIDC_JWKS_URL: 'http://127.0.0.1:9',
    LOG_LEVEL: 'error', CURSOR_KEY: key(), BODY_KEYS: ring(), TOKEN_KEYS: ring(), PARTICIPANT_KEYS: ring(),
    // One address plays the whole public here: it is counted like everybody, and allowed as much as everybody.
    REDIS_URL: stack.redis.url, RATE_LIMIT_KEY: key(), RATE_LIMIT_SCALE: '10000',
    CONTACT_SEALING_PUBLIC_JWK: JSON.stringify(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })),
  };
  const program = (file: string): string => fileURLToPath(new URL(`../../apps/contribution-service/dist/${file}`, import.meta.url));
  await runProgram(program('migrate.js'), [], env);
  const campaignId = randomUUID();
  await db.query(
    `INSERT INTO campaign_window (campaign_id, version, state, accepting, opens_at, closes_at, title, responsible_service, participant_key)
     VALUES ($1, 1, 'open', true, now() - interval '1 day', now() + interval '1 day', '{"fr":"Essai","en":"Trial"}', $2, 1)`,
    [campaignId, { name: { fr: 'Service', en: 'Service' }, email: 'service@example.org', postalAddress: '1 rue de la Paix, 75002 Paris', telephone: '+33 1 99 00 00 00' }],
  );
  const replicate = (): Promise<Running> => startServer(program('main.js'), env);
  return { server: await replicate(), replicate, db, databaseUrl: url, campaignId };
}
