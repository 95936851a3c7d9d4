import { type ServiceName, serviceNames } from '@cahier/local-stack';
import { rowsOf } from '@cahier/demo';
import type { Scenario } from '../scenario.js';
import { redisCli } from '../world/redis-cli.js';
import type { World } from '../world/world.js';

const intake: ServiceName = 'contribution-service';

/** Settings under which something acknowledged may vanish: whoever starts then must not. Those that run go on. */
export const f30: Scenario<World> = {
  id: 'F30', title: 'Settings sabotaged', invariants: ['I1', 'N2'], load: { perSecond: 10, seconds: 30 },
  async run(world) {
    const admin = (sql: string): Promise<unknown[]> => rowsOf(world.stack.postgres.adminUrl, sql);
    const refused = async (names: readonly ServiceName[], env: Readonly<Record<string, string>> = {}): Promise<void> => void (await Promise.all(names.map((name) => world.requireRefusal(name, env))));
    try {
      for (const [setting, names] of [['fsync', serviceNames], ['full_page_writes', [intake]], ['synchronous_commit', [intake]]] as const) {
        await admin(`ALTER SYSTEM SET ${setting} = off`);
        await admin('SELECT pg_reload_conf()');
        await refused(names);
        await admin(`ALTER SYSTEM RESET ${setting}`);
        await admin('SELECT pg_reload_conf()');
      }
      for (const [setting, bad, good] of [['maxmemory-policy', 'allkeys-lru', 'noeviction'], ['appendonly', 'no', 'yes']] as const) {
        redisCli(world, 'CONFIG', 'SET', setting, bad);
        await refused(['notification-service']);
        redisCli(world, 'CONFIG', 'SET', setting, good);
      }
      // Topics whose writes one broker confirms.
      await refused([intake], { DURABILITY_PROFILE: 'production' });
    } finally {
      await admin('ALTER SYSTEM RESET ALL');
      await admin('SELECT pg_reload_conf()');
    }
  },
};
