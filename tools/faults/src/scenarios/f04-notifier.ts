import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f04: Scenario<World> = {
  id: 'F4', title: 'Notifier killed after 250, and after the claim', invariants: ['N1', 'N2'], load: { seconds: 10 }, quietSeconds: 10,
  async run(world) {
    const moments = await world.arm('notification-service', 'after-smtp-250=kill@8');
    await moments.next();
    const again = await world.arm('notification-service', 'after-claim=kill@8');
    await again.next();
    await sleep(200);
    await world.revive('notification-service');
  },
};
