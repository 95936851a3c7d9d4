import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'system-tests', rootDir: import.meta.dirname, testPathIgnorePatterns: ['harness\\.spec\\.ts$'] };
