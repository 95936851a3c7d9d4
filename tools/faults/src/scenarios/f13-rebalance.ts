import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/** Every three seconds a member comes to or goes from each group, in order or not. */
export const f13: Scenario<World> = {
  id: 'F13', title: 'Rebalance storm: consumers come and go every 3 s', invariants: ['E2', 'E3', 'E6', 'N1'], load: { seconds: 24 }, quietSeconds: 10,
  async run(world) {
    for (let n = 0; n < 4; n++) {
      const members = await Promise.all((['reporting-service', 'notification-service'] as const).map((name) => world.replica(name)));
      await sleep(3_000);
      await Promise.all(members.map((member) => member.kill(n % 2 === 0 ? 'SIGTERM' : 'SIGKILL')));
      await sleep(3_000);
    }
  },
};
