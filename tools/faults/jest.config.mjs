import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'faults', rootDir: import.meta.dirname };
