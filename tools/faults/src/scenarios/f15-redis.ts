import { setTimeout as sleep } from 'node:timers/promises';
import { spawnSync } from 'node:child_process';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f15: Scenario<World> = {
  id: 'F15', title: 'Redis killed, emptied, and full', invariants: ['N1', 'N2', 'S1', 'X3'], load: { seconds: 12 }, quietSeconds: 10,
  async run(world) {
    const redis = (...command: string[]): void => {
      const { status, stdout } = spawnSync('redis-cli', ['-u', world.stack.redis.url, ...command], { encoding: 'utf8' });
      if (status !== 0 || /^ERR/.test(stdout)) throw new Error(`redis-cli ${command[0]} failed`);
    };
    await world.restartServer('redis');
    await sleep(1_500);
    redis('FLUSHALL');
    await sleep(1_500);
    redis('CONFIG', 'SET', 'maxmemory', '1');
    await sleep(3_000);
    redis('CONFIG', 'SET', 'maxmemory', '0');
  },
};
