import { testing } from '../../../libs/testing/src/index.js';

export const used = testing;
