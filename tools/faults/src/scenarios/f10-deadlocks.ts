import { rowsOf } from '@cahier/demo';
import { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/** Whoever waits for the table is cancelled, as the deadlock detector cancels its victim; then the table is locked away for a while. */
export const f10: Scenario<World> = {
  id: 'F10', title: 'Statements cancelled and waiting for locks', invariants: ['I2', 'I4', 'S4'],
  async run(world) {
    const { DATABASE_URL = '' } = world.services['contribution-service'].env;
    let cancelled = 0;
    for (let n = 0; n < 4; n++) {
      const locker = new Client({ connectionString: DATABASE_URL });
      await locker.connect();
      try {
        await locker.query('BEGIN; LOCK TABLE contribution IN ACCESS EXCLUSIVE MODE');
        await sleep(600);
        cancelled += (await rowsOf(world.stack.postgres.adminUrl, `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)).length;
        await locker.query('ROLLBACK');
      } finally {
        await locker.end();
      }
      await sleep(500);
    }
    if (cancelled === 0) throw new Error('No statement was there to be cancelled');
  },
};
