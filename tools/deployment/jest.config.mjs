import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'deployment', rootDir: import.meta.dirname };
