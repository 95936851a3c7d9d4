import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f07: Scenario<World> = {
  id: 'F7', title: 'PostgreSQL killed and started again', invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I8', 'E1', 'E2', 'X3'], load: { seconds: 12 },
  async run(world) {
    await world.restartServer('postgres');
    await sleep(3_000);
    await world.restartServer('postgres');
  },
};
