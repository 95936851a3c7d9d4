import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync, chownSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { awaited, endProcess, identify } from './processes.js';
import { postgresDataFolder, postgresPrograms, postgresUser, type SystemUser } from './postgres-user.js';
import { StackProblem } from './problem.js';
import { launchServer, logFile, type ServerContext } from './server.js';
import type { StackAddresses } from './addresses.js';
import { waitFor } from './wait.js';

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // loopback only: and so no socket's lock file can be left behind
  max_connections: '300',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  shared_preload_libraries: 'pg_stat_statements',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  archive_mode: 'on', // to nowhere, until a backup says where (backup.ts): changing this alone needs a restart
};

/**
 * For tests: a crash of the machine may lose the data, a crash of the server does not.
 * So synchronous_commit stays on: without it a killed server forgets what it had just acknowledged.
 */
const WITHOUT_DISK_SYNC = { fsync: 'off', full_page_writes: 'off' };

/** PostgreSQL 18, its programs from npm. As root it runs under another user. @param other a second server, on a data folder of its own. */
export async function startPostgres(context: ServerContext, other?: { readonly name: string; readonly data: string }): Promise<StackAddresses['postgres']> {
  const user = postgresUser();
  const programs = postgresPrograms(user);
  const name = other?.name ?? 'postgres';
  const data = other?.data ?? postgresDataFolder(context, user);
  const password = context.keys.password('postgres-admin');
  if (!existsSync(join(data, 'PG_VERSION'))) initialise({ programs, data, password, user });
  await cleanStaleLock(data);

  const port = await context.ledger.port(name);
  const settings = { ...SETTINGS, port: String(port), ...(context.durability === 'test' ? WITHOUT_DISK_SYNC : {}) };
  // Never SIGKILL: it would leave shared memory behind.
  const identity = await launchServer(context, name, { stopWith: 'SIGINT', abandonWith: 'SIGQUIT' }, {
    name: 'PostgreSQL',
    command: join(programs, 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    user,
    cwd: data,
  });
  const adminUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await waitFor('PostgreSQL to answer', () => prepare(adminUrl), { timeoutMs: 60_000, of: awaited('PostgreSQL', identity, logFile(context, name)) });
  return { host: '127.0.0.1', port, adminUrl };
}

/** C.UTF-8 from PostgreSQL itself: the same order on every machine, whatever locales it has. */
function initialise({ programs, data, password, user }: { programs: string; data: string; password: string; user: SystemUser | undefined }): void {
  // A first attempt that was killed half-way leaves files that initdb would refuse to touch.
  for (const left of existsSync(data) ? readdirSync(data) : []) rmSync(join(data, left), { recursive: true });
  const passwordFile = `${data}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  try {
    const args = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--no-sync'];
    const { status, error, stderr } = spawnSync(join(programs, 'initdb'), args, { encoding: 'utf8', timeout: 60_000, cwd: '/', ...user });
    if (status !== 0) throw new StackProblem(`PostgreSQL's data folder could not be made in ${data}: ${error?.message ?? stderr}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/**
 * A killed server leaves `postmaster.pid`. PostgreSQL removes it by itself, shared memory and all, unless that number
 * exists: be it a zombie or somebody else's process. Servers of this very folder are known by their name and by
 * standing in it: those are ended, then the file goes.
 */
async function cleanStaleLock(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const recorded = Number(readFileSync(lock, 'utf8').split('\n')[0]);
  for (const pid of process.platform === 'linux' ? serversStandingIn(data) : serverWithFolder(recorded, data)) {
    const identity = identify(pid);
    if (identity) await endProcess(identity, 'SIGQUIT', 10_000);
  }
  if (isListed(recorded)) rmSync(lock, { force: true });
}

/** Zombies and other people's processes included. */
function isListed(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function serversStandingIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
      } catch {
        return false; // ended meanwhile, or not ours to look at
      }
    })
    .map(Number);
}

/** Where there is no /proc. */
function serverWithFolder(pid: number, folder: string): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.includes('postgres') && stdout.includes(folder) ? [pid] : [];
}

/** Connects, and makes every statement countable (`pg_stat_statements`). Throws while the server does not answer. */
export async function prepare(adminUrl: string): Promise<true> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
    // Segments of the log that nothing takes would stay for ever.
    const { rows: [archiving] } = await client.query<{ command: string }>(`SELECT current_setting('archive_command') AS command`);
    if (archiving?.command === '' || archiving?.command === '(disabled)') {
      await client.query(`ALTER SYSTEM SET archive_command = 'true'`);
      await client.query('SELECT pg_reload_conf()');
    }
    return true;
  } finally {
    await client.end();
  }
}
