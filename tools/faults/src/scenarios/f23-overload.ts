import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/** Far above what two cores take beside their own generator; what is refused must be refused honestly. */
export const f23: Scenario<World> = {
  id: 'F23', title: 'Overload', invariants: ['I1', 'I8'], load: { perSecond: 2_500, seconds: 8 }, quietSeconds: 25,
  run: () => sleep(0),
};
