import { awaitedElsewhere } from '@cahier/platform';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';
import { planMixture, type PlannedFault } from './faults.js';

interface Mixture {
  readonly seed: number;
  readonly seconds: number;
  /** Filings. */
  readonly perSecond?: number;
}

/**
 * Faults drawn from a seed, over one campaign that is filed into all the while.
 * @param say is told of each fault as it begins.
 */
export function mixture({ seed, seconds, perSecond = 40 }: Mixture, say: (line: string) => void): Scenario<World> {
  return {
    id: `SEED-${seed}`, title: `Random mixture for ${Math.round(seconds)} s`, invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'E1', 'E2', 'E3', 'N1', 'N2', 'S1', 'R1', 'R2', 'X3'],
    load: { perSecond, seconds }, quietSeconds: 15,
    async run(world) {
      const start = performance.now();
      // One at a time, in their order: a fault that lasts delays the next, and the schedule stays the same on any machine.
      let hand = Promise.resolve();
      for (const fault of planMixture(seed, seconds - 2)) {
        await sleep(Math.max(0, start + fault.atMs - performance.now()));
        hand = awaitedElsewhere(hand.then(() => begin(fault, world, say)));
      }
      await hand; // which fails as the first that failed
    },
  };
}

async function begin(fault: PlannedFault, world: World, say: (line: string) => void): Promise<void> {
  say(`${(fault.atMs / 1_000).toFixed(1)} s: ${fault.what}`);
  await fault.run(world);
}
