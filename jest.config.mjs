/** One run of every test: one PostgreSQL, one Kafka and one Redis for all projects, one closing line. */
export default {
  projects: ['libs/*', 'tools/*', 'apps/*'].map((glob) => `<rootDir>/${glob}/jest.config.mjs`),
  globalSetup: './tools/local-stack/jest-setup.mjs',
  globalTeardown: './tools/local-stack/jest-teardown.mjs',
  // All projects share the servers above, and the machines this has to run on have two cores; of three files at once one or two wait.
  maxWorkers: 3,
  testSequencer: './tools/long-first.sequencer.mjs',
  // Against hanging; a busy machine is no reason to fail.
  testTimeout: 60_000,
  reporters: ['default', './tools/closing-line.reporter.mjs'],
};
