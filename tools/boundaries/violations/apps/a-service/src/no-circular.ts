import { other } from './no-circular-other.js';

export const one = (): string => other();
