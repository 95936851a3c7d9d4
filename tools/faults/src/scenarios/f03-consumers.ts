import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f03: Scenario<World> = {
  id: 'F3', title: 'Consumers killed between the database and the offset', invariants: ['E2', 'E3', 'E4', 'N1'],
  async run(world) {
    await Promise.all((['reporting-service', 'notification-service'] as const).map(async (name) => {
      const moments = await world.arm(name, 'consumer-before-offset-commit=kill@3');
      await moments.next();
      await world.revive(name);
    }));
  },
};
