import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const AT_WORK = 'schedule-before-commit=kill@1';

/** Two of three that look at the same schedule die when they are at work. @returns once the first has. */
async function killThoseAtWork(world: World, waitMs: number): Promise<void> {
  const killed = await world.arm('campaign-service', AT_WORK);
  await world.replica('campaign-service', { FAILPOINTS: AT_WORK }).catch((error: unknown) => {
    if (!killed.reached()) throw error; // it may die before it could be called ready
  });
  await killed.next(waitMs);
}

export const f06: Scenario<World> = {
  id: 'F6', title: 'Three schedulers, those at work killed', invariants: ['S1', 'S2', 'E1'], load: { seconds: 6 }, quietSeconds: 45, // three processes start in it, twice
  async before(world) {
    await world.replica('campaign-service', { FAILPOINTS: '' });
    await killThoseAtWork(world, 30_000);
  },
  async run(world) {
    await killThoseAtWork(world, world.untilClosing() + 15_000);
    await sleep(4_000);
  },
};
