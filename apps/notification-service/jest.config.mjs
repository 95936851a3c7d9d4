import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'notification-service', rootDir: import.meta.dirname, testPathIgnorePatterns: ['/harness\\.spec\\.ts$'] };
