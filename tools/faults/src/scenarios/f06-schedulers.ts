import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const AT_WORK = { FAILPOINTS: 'schedule-before-commit=kill@1' };

/** Three look at the same schedule; whoever is at work dies before its commit, at the opening and at the closing. */
export const f06: Scenario<World> = {
  id: 'F6', title: 'Three schedulers, those at work killed', invariants: ['S1', 'S2', 'E1'], load: { seconds: 6 }, quietSeconds: 8,
  async before(world) {
    await Promise.all([world.arm('campaign-service', AT_WORK.FAILPOINTS), world.replica('campaign-service', AT_WORK), world.replica('campaign-service')]);
  },
  async run(world) {
    const [killed] = await Promise.all([world.arm('campaign-service', AT_WORK.FAILPOINTS), world.replica('campaign-service', AT_WORK)]);
    await sleep(world.untilClosing() + 4_000);
    if (!killed.reached()) await killed.next(15_000); // another replica was at work, and this one has not died
  },
};
