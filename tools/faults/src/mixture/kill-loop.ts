import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';
import { killings } from './faults.js';

const PER_SECOND = 150;
const PAUSE_MS = 3_000;
/** Requests of one campaign. */
export const REQUESTS_PER_ROUND = 10_000;

/** A service, the broker, PostgreSQL or Redis killed every few seconds while so many requests are made. */
export function killLoop(seed: number, requests: number, say: (line: string) => void): Scenario<World> {
  const seconds = Math.ceil(requests / PER_SECOND);
  return {
    id: `KILL-${seed}`, title: `Kill loop over ${requests} filings`, invariants: ['I1', 'I2', 'I3', 'I4', 'E1', 'E2', 'N1', 'S1', 'R2', 'X3'],
    load: { perSecond: PER_SECOND, seconds }, quietSeconds: 20,
    async run(world) {
      const end = performance.now() + seconds * 1_000;
      let kills = 0;
      for (const { what, run } of killings(seed)) {
        if (performance.now() > end) break;
        await run(world);
        kills++;
        say(`${what}`);
        await sleep(PAUSE_MS);
      }
      if (kills === 0) throw new Error('Nothing was killed');
    },
  };
}
