import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';
import { f02 } from './f02-relay.js';

/** Every scenario, in the order of the matrix. */
export const scenarios: readonly Scenario<World>[] = [f02];
