import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Ledger } from './ledger.js';
import { cahierFolder } from './paths.js';
import { identify, isRunning } from './processes.js';
import { removeData, stopAll } from './stop-recorded.js';

/**
 * A new folder for a stack that will be thrown away, under `.cahier/`. Before that, what killed runs left behind
 * is stopped and removed: the folders whose owner no longer runs, except those left running on purpose.
 */
export async function throwAwayFolder(purpose: string): Promise<string> {
  const parent = join(cahierFolder, 'throw-away');
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) if (isAbandoned(parent, name)) await sweep(parent, name);
  for (let n = 1; ; n++) {
    const folder = join(parent, `${purpose}-${n}-${process.pid}`);
    if (existsSync(folder)) continue;
    mkdirSync(folder);
    return folder;
  }
}

function isAbandoned(parent: string, name: string): boolean {
  const ledger = Ledger.read(join(parent, name));
  if (ledger?.leftRunning) return false;
  if (ledger?.owner) return !isRunning(ledger.owner);
  // A folder that is just being made, or swept, has no owner yet; its name ends with the process that does it.
  return identify(Number(name.split('-').at(-1))) === undefined;
}

async function sweep(parent: string, name: string): Promise<void> {
  const folder = join(parent, `${name}-${process.pid}`);
  try {
    renameSync(join(parent, name), folder);
  } catch {
    return; // another run sweeps it: one of us had to be first
  }
  const ledger = Ledger.read(folder);
  if (ledger) {
    await stopAll(ledger);
    removeData(ledger);
  }
  rmSync(folder, { recursive: true, force: true });
}
