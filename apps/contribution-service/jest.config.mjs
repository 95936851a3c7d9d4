import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'contribution-service', rootDir: import.meta.dirname, testPathIgnorePatterns: ['/harness\\.spec\\.ts$'] };
