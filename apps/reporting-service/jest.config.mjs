import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'reporting-service', rootDir: import.meta.dirname, testPathIgnorePatterns: ['/(harness|.*\\.fixture)\\.spec\\.ts$'] };
