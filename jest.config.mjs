/** One run of every test: one PostgreSQL, one Kafka and one Redis for all projects, one closing line. */
export default {
  projects: ['libs/*', 'tools/*', 'apps/*'].map((glob) => `<rootDir>/${glob}/jest.config.mjs`),
  globalSetup: './tools/local-stack/jest-setup.mjs',
  globalTeardown: './tools/local-stack/jest-teardown.mjs',
  reporters: ['default', './tools/closing-line.reporter.mjs'],
};
