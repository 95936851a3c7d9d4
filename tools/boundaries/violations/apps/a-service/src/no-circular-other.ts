import { one } from './no-circular.js';

export const other = (): string => one();
