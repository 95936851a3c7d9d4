import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f08: Scenario<World> = {
  id: 'F8', title: 'PostgreSQL stalled for 1 s and for 8 s', invariants: ['I1', 'I2', 'I4', 'I8', 'X3'], load: { seconds: 14 },
  async run(world) {
    await world.pause('postgres', 1_000);
    await sleep(1_500);
    await world.pause('postgres', 8_000);
  },
};
