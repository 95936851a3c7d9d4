import { b } from '../../../apps/b-service/src/index.js';

export const used = b;
