import { rowsOf } from '@cahier/demo';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f09: Scenario<World> = {
  id: 'F9', title: 'Backends terminated in the middle of their batches', invariants: ['I2', 'I4'],
  async run(world) {
    let terminated = 0;
    for (let n = 0; n < 20; n++, await sleep(300)) {
      const found = await rowsOf(world.stack.postgres.adminUrl, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname <> 'postgres' AND (state <> 'idle' OR random() < 0.3)`);
      terminated += found.length;
    }
    world.upset(terminated);
    if (terminated === 0) throw new Error('No backend was there to be terminated');
  },
};
