import { serviceNames } from '@cahier/local-stack';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const run = promisify(execFile);
const apps = resolve(import.meta.dirname, '..', '..', '..', '..', 'apps');

export const f11Killed: Scenario<World> = {
  id: 'F11', title: 'Broker silent for 6 s, then killed and started again', invariants: ['I1', 'E1', 'E2', 'E3', 'E4'], load: { seconds: 12 },
  async run(world) {
    await world.pause('kafka', 6_000);
    await world.restartServer('kafka');
  },
};

export const f11Away: Scenario<World> = {
  id: 'F11-AWAY', title: 'Broker away for 60 s', invariants: ['I1', 'E1', 'E2', 'E3', 'E4'], load: { perSecond: 15, seconds: 64 }, quietSeconds: 25,
  async run(world) {
    process.kill(world.pidOf('kafka'), 'SIGKILL');
    await sleep(60_000);
    await world.restartServer('kafka');
  },
};

export const f11Wiped: Scenario<World> = {
  id: 'F11-WIPED', title: "Broker's data folder lost, everything told again", invariants: ['I1', 'E1', 'E2', 'E4'], load: { seconds: 6 }, quietSeconds: 50, topicsWiped: true,
  async run(world) {
    process.kill(world.pidOf('kafka'), 'SIGKILL');
    await sleep(500);
    rmSync(join(world.stack.folder, 'kafka', 'data'), { recursive: true });
    await world.restartServer('kafka');
    await Promise.all(serviceNames.map((name) => world.services[name].stop()));
    for (const name of serviceNames) await run(process.execPath, ['dist/republish.js', '--after-loss'], { cwd: join(apps, name), env: { PATH: process.env.PATH, ...world.services[name].env }, timeout: 60_000 });
    await Promise.all(serviceNames.map((name) => world.services[name].restart()));
  },
};
