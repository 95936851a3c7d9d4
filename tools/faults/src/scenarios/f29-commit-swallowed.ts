import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f29: Scenario<World> = {
  id: 'F29', title: 'Commits whose answer is swallowed', invariants: ['I3', 'I4', 'E1', 'E2', 'N1', 'S1'], load: { seconds: 18 }, quietSeconds: 12,
  async run(world) {
    const hits = () => world.everyLink('postgres').reduce((sum, link) => sum + link.hits, 0);
    const before = hits();
    for (const then of ['close', 'stall'] as const) {
      world.links['contribution-service'].postgres.swallow({ statement: /INSERT INTO contribution/, then, times: 3 });
      for (const name of ['reporting-service', 'notification-service', 'campaign-service'] as const) world.links[name].postgres.swallow({ statement: /COMMIT/, then: 'close', times: 2 });
      await sleep(4_000);
      for (const link of world.everyLink('postgres')) link.heal();
    }
    if (hits() - before < 6) throw new Error(`Only ${hits() - before} answers were swallowed`);
  },
};
