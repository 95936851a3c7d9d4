import { randomBytes } from 'node:crypto';

/** Addresses of the servers of this test run; global set-up names or starts them. */
export interface TestServers {
  readonly postgresAdminUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly redisUrl: string;
}

const required = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the tests through npm`);
  return value;
};

export function testServers(): TestServers {
  return { postgresAdminUrl: required('TEST_POSTGRES_URL'), kafkaBrokers: required('TEST_KAFKA_BROKERS').split(','), redisUrl: required('TEST_REDIS_URL') };
}

/** Put before topics, groups and queues, so that test files share servers and nothing else. */
export const freshPrefix = (): string => `t${randomBytes(4).toString('hex')}.`;
