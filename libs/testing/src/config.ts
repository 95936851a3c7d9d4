import { randomBytes } from 'node:crypto';
import { freshPrefix, testServers } from './servers.js';

/** A complete environment of `commonConfig` for one test file. */
export function testConfig(overrides: Record<string, string> = {}): Record<string, string> {
  return {
    PROFILE: 'local',
    DURABILITY_PROFILE: 'test',
    DATABASE_URL: testServers().postgresAdminUrl,
    KAFKA_BROKERS: testServers().kafkaBrokers.join(','),
    TOPIC_PREFIX: freshPrefix(),
    HTTP_PORT: '0',
    PUBLIC_URL: 'https://consultation.example.org',
    OIDC_ISSUER: 'https://sign-in.example.org',
    OIDC_JWKS_URL: 'https://sign-in.example.org/jwks',
    LOG_LEVEL: 'silent',
    CURSOR_KEY: randomBytes(32).toString('base64url'),
    REDIS_URL: testServers().redisUrl,
    RATE_LIMIT_KEY: randomBytes(32).toString('base64url'),
    // One address plays everybody.
    RATE_LIMIT_SCALE: '10000',
    ...overrides,
  };
}
