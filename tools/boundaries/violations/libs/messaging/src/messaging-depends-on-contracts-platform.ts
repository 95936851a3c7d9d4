import { tool } from '../../../tools/a-tool/src/index.js';

export const used = tool;
