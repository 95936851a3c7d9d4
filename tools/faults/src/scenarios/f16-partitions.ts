import { serviceNames } from '@cahier/local-stack';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import { type LinkedServer, type World } from '../world/world.js';

const invariants = ['I1', 'I3', 'I4', 'I8', 'E2', 'X3'];
const SILENT_MS = 3_000;

/** Silence in both directions, in one, then RST and refusals. */
const partition = (id: string, title: string, server: LinkedServer): Scenario<World> => ({
  id, title, invariants, load: { seconds: 14 }, quietSeconds: 12,
  async run(world) {
    const links = serviceNames.map((name) => world.links[name][server]);
    for (const weather of [{ toServer: { stalled: true }, toClient: { stalled: true } }, { toClient: { stalled: true } }]) {
      for (const link of links) link.set(weather);
      await sleep(SILENT_MS);
      for (const link of links) link.heal();
      await sleep(700);
    }
    for (const link of links) link.refuse();
    await sleep(2_000);
    for (const link of links) link.heal();
    await sleep(500);
    for (const link of links) link.halfClose('toClient');
    await sleep(500);
    for (const link of links) link.set({ toClient: { cutAfter: 2_000 } });
    await sleep(1_000);
    for (const link of links) link.heal();
  },
});

export const f16 = [partition('F16-PG', 'Services and PostgreSQL parted', 'postgres'), partition('F16-KAFKA', 'Services and Kafka parted', 'kafka'), partition('F16-REDIS', 'Services and Redis parted', 'redis')];
