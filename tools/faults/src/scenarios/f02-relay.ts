import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f02: Scenario<World> = {
  id: 'F2', title: 'Relay killed after producing, before marking', invariants: ['E1', 'E2', 'E3'],
  async run(world) {
    const moments = await world.arm('contribution-service', 'relay-before-mark=kill@5');
    await moments.next();
    await world.revive('contribution-service');
  },
};
