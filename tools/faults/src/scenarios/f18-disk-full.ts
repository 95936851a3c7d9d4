import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Scenario, Skipped } from '../scenario.js';
import type { World } from '../world/world.js';

const reports = z.object({ items: z.array(z.object({ kind: z.string(), state: z.string() })) });

/** The folder of the reports alone. */
export const f18: Scenario<World> = {
  id: 'F18', title: 'No space left for reports', invariants: ['R3', 'I1'], load: { seconds: 3 }, quietSeconds: 5,
  async run(world) {
    const folder = join(world.folder, 'reports');
    mkdirSync(folder, { recursive: true });
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { encoding: 'utf8' });
    if (mounted.status !== 0) throw new Skipped('mounting a small disk needs the superuser');
    world.atClose(() => void spawnSync('umount', ['-l', folder]));
    writeFileSync(join(folder, 'ballast'), Buffer.alloc(200_000));
    const reporting = world.services['reporting-service'];
    await reporting.restart({ REPORT_STORE_FOLDER: folder });
    await sleep(11_000); // past the closing
    const { items } = await world.analyst.get(`${reporting.url}/staff/reports?campaignId=${world.campaign?.campaignId}`, reports);
    spawnSync('mount', ['-o', 'remount,size=64m', folder]);
    if (items.some(({ state }) => state === 'published')) throw new Error('A report was published without a place for its files');
  },
};
