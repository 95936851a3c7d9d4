import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f12: Scenario<World> = {
  id: 'F12', title: 'Broker slow by 2 s, and its answers lost though it wrote', invariants: ['E1', 'E2', 'E3'], load: { seconds: 12 },
  async run(world) {
    const { kafka } = world.links['contribution-service'];
    kafka.set({ toServer: { latencyMs: 2_000 } });
    await sleep(4_000);
    kafka.set({ toClient: { stalled: true } });
    await sleep(3_000);
    kafka.heal();
  },
};
