import { rowsOf } from '@cahier/demo';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import { onSmallDisk } from '../world/small-disk.js';
import { isAlive, type World } from '../world/world.js';

const invariants = ['I1', 'I2', 'I3', 'I8', 'E1', 'E2', 'X3'];

/** PostgreSQL that cannot write ahead stops; what it has acknowledged is there when there is room again. */
export const f18Postgres: Scenario<World> = {
  id: 'F18-PG', title: 'No space left for PostgreSQL', invariants, load: { perSecond: 30, seconds: 40 }, quietSeconds: 12,
  async run(world) {
    const [row] = await rowsOf<{ data_directory: string }>(world.stack.postgres.adminUrl, 'SHOW data_directory');
    const disk = await onSmallDisk(world, 'postgres', row?.data_directory ?? '', 'SIGQUIT');
    try {
      await sleep(3_000);
      disk.fill();
      // The files of the log that stand ready are used up first; the server may stop before the eighth, as it should.
      for (let n = 0; n < 8; n++) await rowsOf(world.stack.postgres.adminUrl, 'SELECT pg_switch_wal()').catch(() => undefined).then(() => sleep(1_000));
      disk.empty();
      if (!isAlive(world.pidOf('postgres'))) await world.restartServer('postgres');
      await sleep(4_000);
    } finally {
      disk.empty();
      await disk.leave();
    }
  },
};

export const f18Kafka: Scenario<World> = {
  id: 'F18-KAFKA', title: 'No space left for Kafka', invariants, load: { perSecond: 30, seconds: 40 }, quietSeconds: 15,
  async run(world) {
    const disk = await onSmallDisk(world, 'kafka', join(world.stack.folder, 'kafka', 'data'), 'SIGKILL');
    try {
      await sleep(3_000);
      disk.fill();
      await sleep(10_000);
      disk.empty();
      if (!isAlive(world.pidOf('kafka'))) await world.restartServer('kafka');
      await sleep(4_000);
    } finally {
      disk.empty();
      await disk.leave();
    }
  },
};
