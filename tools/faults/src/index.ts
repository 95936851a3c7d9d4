export type { Attempt } from './history.js';
export type { Scenario } from './scenario.js';
