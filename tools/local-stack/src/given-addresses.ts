import type { StackAddresses, StackPart } from './addresses.js';

/** Servers that somebody else runs and names in the environment; they are used and never stopped. */
export function addressesFromEnvironment(parts: readonly StackPart[], env: NodeJS.ProcessEnv = process.env): Partial<StackAddresses> {
  const given: Partial<StackAddresses> = {};
  if (parts.includes('postgres') && env.TEST_POSTGRES_URL) {
    const { hostname, port } = new URL(env.TEST_POSTGRES_URL);
    given.postgres = { host: hostname, port: Number(port || 5432), adminUrl: env.TEST_POSTGRES_URL };
  }
  if (parts.includes('kafka') && env.TEST_KAFKA_BROKERS) given.kafka = { brokers: env.TEST_KAFKA_BROKERS.split(',') };
  if (parts.includes('redis') && env.TEST_REDIS_URL) given.redis = { url: env.TEST_REDIS_URL };
  return given;
}
