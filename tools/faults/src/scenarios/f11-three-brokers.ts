import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const BROKERS = ['kafka', 'kafka-2', 'kafka-3'];

export const f11Three: Scenario<World> = {
  id: 'F11-THREE', title: 'Three brokers, one killed every 10 s', invariants: ['I1', 'E1', 'E2', 'E3', 'E4'], load: { perSecond: 30, seconds: 62 }, quietSeconds: 20, durability: 'production',
  async run(world) {
    for (let n = 0; n < 6; n++) {
      const next = sleep(10_000);
      await world.restartServer('kafka', BROKERS[n % BROKERS.length]);
      await next;
    }
  },
};
