import { readFileSync } from 'node:fs';

const swcrc = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

/** What every project's Jest configuration shares: ESM, swc with decorator metadata, libraries read from source. */
export default {
  testEnvironment: 'node',
  // Not 'import': that condition breaks CommonJS dependencies.
  testEnvironmentOptions: { customExportConditions: ['@cahier/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swcrc, swcrc: false }] },
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
};
