import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import { redisCli } from '../world/redis-cli.js';
import type { World } from '../world/world.js';

export const f15: Scenario<World> = {
  id: 'F15', title: 'Redis killed, emptied, and full', invariants: ['N1', 'N2', 'S1', 'X3'], load: { seconds: 12 }, quietSeconds: 10,
  async run(world) {
    await world.restartServer('redis');
    await sleep(1_500);
    redisCli(world, 'FLUSHALL');
    await sleep(1_500);
    redisCli(world, 'CONFIG', 'SET', 'maxmemory', '1');
    await sleep(3_000);
    redisCli(world, 'CONFIG', 'SET', 'maxmemory', '0');
  },
};
