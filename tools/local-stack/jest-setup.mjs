import { startStack, throwAwayFolder } from './dist/index.js';

/** Global set-up of a test run: one PostgreSQL, one Kafka, one Redis for all of it, unless the environment names some. */
export default async function setup() {
  const stack = await startStack({ parts: ['postgres', 'kafka', 'redis'], folder: await throwAwayFolder('tests'), throwAway: true, durability: 'test', log: (line) => console.log(line) });
  process.env.TEST_POSTGRES_URL = stack.postgres.adminUrl;
  process.env.TEST_KAFKA_BROKERS = stack.kafka.brokers.join(',');
  process.env.TEST_REDIS_URL = stack.redis.url;
  globalThis.testStack = stack;
  // Jest runs no teardown when it is interrupted.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void stack.stop().finally(() => process.exit(1)));
}
