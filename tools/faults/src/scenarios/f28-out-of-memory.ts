import { serviceNames } from '@cahier/local-stack';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/** The kernel's killer sends SIGKILL to whoever grew, whatever it is doing. */
export const f28: Scenario<World> = {
  id: 'F28', title: 'Each service killed as if out of memory', invariants: ['I1', 'I2', 'E2', 'N1', 'X3'], load: { seconds: 14 },
  async run(world) {
    for (const name of serviceNames) {
      await world.services[name].kill('SIGKILL');
      await sleep(300);
      await world.services[name].restart();
    }
  },
};
