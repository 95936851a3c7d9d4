import { spawnSync } from 'node:child_process';
import { renameSync, rmSync, statfsSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Skipped } from '../scenario.js';
import { isAlive, type LinkedServer, type World } from './world.js';

const SPARE_MB = 96;

/** A server's data on a disk of its own, with little room. */
export interface SmallDisk {
  /** Leaves so many bytes. */
  fill(left?: number): void;
  empty(): void;
  /** Back to where the data was; the server runs again. */
  leave(): Promise<void>;
}

/** Stops the server, moves its data and starts it there. @throws Skipped where nothing may be mounted. */
export async function onSmallDisk(world: World, server: LinkedServer, folder: string, abandonWith: NodeJS.Signals): Promise<SmallDisk> {
  const aside = `${folder}.aside`;
  const ballast = join(folder, 'ballast');
  const move = async (work: () => void): Promise<void> => {
    const pid = world.pidOf(server);
    if (isAlive(pid)) process.kill(pid, abandonWith);
    while (isAlive(pid)) await sleep(50);
    work();
    await world.restartServer(server);
  };
  await move(() => {
    renameSync(folder, aside);
    mkdirSync(folder);
    run('chown', `--reference=${aside}`, folder);
    const used = Number(run('du', '-sm', aside).split('\t')[0]);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${used + SPARE_MB}m`, 'tmpfs', folder]).status === 0) {
      world.atClose(() => void spawnSync('umount', ['-l', folder])); // where the scenario did not come so far
      return run('cp', '-a', `${aside}/.`, folder);
    }
    rmSync(folder, { recursive: true });
    return renameSync(aside, folder);
  });
  if (!existsSync(aside)) throw new Skipped('mounting a small disk needs the superuser');
  return {
    fill(left = 0) {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)));
    },
    empty: () => rmSync(ballast, { force: true }),
    async leave() {
      await move(() => {
        run('cp', '-a', `${folder}/.`, `${aside}.new`);
        run('umount', folder);
        rmSync(folder, { recursive: true });
        rmSync(aside, { recursive: true });
        renameSync(`${aside}.new`, folder);
      });
    },
  };
}

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args[0]}: ${stderr}`);
  return stdout;
}
