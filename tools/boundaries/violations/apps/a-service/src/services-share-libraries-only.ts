import { b } from '../../b-service/src/index.js';

export const used = b;
