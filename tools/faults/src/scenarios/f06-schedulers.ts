import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { Replica } from '../world/replica.js';
import type { World } from '../world/world.js';

const AT_WORK = 'schedule-before-commit=kill@1';
const TAKEN_OVER_WITHIN_MS = 15_000;

/** Lives on. */
let third: Replica;

/** Two of three that look at the same schedule die at work, one after the other. The third is stopped meanwhile: any of them may be the first, and then nobody would be at work any more. */
async function killThoseAtWork(world: World, waitMs: number): Promise<void> {
  process.kill(third.pid, 'SIGSTOP');
  const killed = await world.arm('campaign-service', AT_WORK);
  await world.replica('campaign-service', { FAILPOINTS: AT_WORK }).catch((error: unknown) => {
    if (!killed.reached()) throw error; // it may die before it could be called ready
  });
  for (let n = 0; n < 2; n++) await killed.next(waitMs);
  process.kill(third.pid, 'SIGCONT');
}

async function isClosed(world: World): Promise<boolean> {
  const [row] = await world.query<{ state: string }>('campaign-service', 'SELECT state FROM campaign WHERE campaign_id = $1', [world.campaign?.campaignId]);
  return row?.state === 'closed';
}

export const f06: Scenario<World> = {
  id: 'F6', title: 'Three schedulers, those at work killed', invariants: ['S1', 'S2', 'E1'], load: { seconds: 6 }, quietSeconds: 45, // three processes start in it, twice
  async before(world) {
    third = await world.replica('campaign-service', { FAILPOINTS: '' });
    await killThoseAtWork(world, 30_000);
  },
  async run(world) {
    await killThoseAtWork(world, world.untilClosing() + 15_000);
    for (const start = performance.now(); !(await isClosed(world)); await sleep(100)) {
      if (performance.now() - start > TAKEN_OVER_WITHIN_MS) throw new Error('The scheduler that lived on did not close the campaign');
    }
  },
};
