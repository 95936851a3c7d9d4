import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'local-stack', rootDir: import.meta.dirname };
