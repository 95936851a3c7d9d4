import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from './ledger.js';
import { cahierFolder } from './paths.js';
import { identify, isRunning } from './processes.js';
import { stopRecorded } from './stop-recorded.js';

/**
 * A new folder for a stack that will be thrown away, under `.cahier/`. Before that, what killed runs left behind
 * is stopped and removed: those folders whose owner no longer runs.
 */
export async function throwAwayFolder(purpose: string): Promise<string> {
  const parent = join(cahierFolder, 'throw-away');
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name);
    const starter = Number(name.split('-').at(-1));
    const owner = Ledger.read(folder)?.owner;
    // A folder that is just being made has no owner yet; its name tells who makes it.
    if (owner ? isRunning(owner) : starter === process.pid || identify(starter)) continue;
    await stopRecorded(folder);
    rmSync(folder, { recursive: true, force: true });
  }
  for (let n = 1; ; n++) {
    const folder = join(parent, `${purpose}-${n}-${process.pid}`);
    if (existsSync(folder)) continue;
    mkdirSync(folder);
    return folder;
  }
}
