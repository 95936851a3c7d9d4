import { chownSync, copyFileSync, existsSync, lchownSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync, appendFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Client, escapeLiteral } from 'pg';
import type { StackAddresses } from './addresses.js';
import { Keys } from './keys.js';
import { canReach, postgresUser, type SystemUser } from './postgres-user.js';
import { startPostgres } from './postgres.js';
import { StackProblem } from './problem.js';
import type { Stack } from './types.js';
import { waitFor } from './wait.js';

/** Of these folders a backup has the place and nothing that is in it (PostgreSQL's manual, “Making a Base Backup Using the Low Level API”). */
const EMPTY = new Set(['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans']);
const LEFT_OUT = /^(postmaster\.(pid|opts)|pgsql_tmp.*|backup_label.*|tablespace_map.*)$/;

/**
 * Copies the files of a running PostgreSQL to `<folder>/base`, and has it copy each segment of its log to `<folder>/wal`
 * from now on: together they give back every moment from the end of this call on.
 * @param folder new, where PostgreSQL's user can write.
 * @returns from when on.
 * @throws StackProblem for a folder that is there already or out of reach.
 */
export async function backUp({ adminUrl }: Pick<StackAddresses['postgres'], 'adminUrl'>, folder: string): Promise<Date> {
  const user = postgresUser();
  const [base, wal] = [join(resolve(folder), 'base'), join(resolve(folder), 'wal')];
  if (existsSync(base)) throw new StackProblem(`There is a backup in ${folder} already.`);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const one of [base, wal]) mkdirSync(one, { mode: 0o700 });
  if (user) {
    for (const one of [base, wal]) chownSync(one, user.uid, user.gid);
    if (!canReach(dirname(base), user)) throw new StackProblem(`PostgreSQL’s user cannot reach ${folder}. Choose a folder below /var/lib, for example.`);
  }
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    // Whole or not at all: a segment appears under its name once it is on the disk.
    const file = `${wal}/%f`;
    await client.query(`ALTER SYSTEM SET archive_command = ${escapeLiteral(`test ! -f "${file}" && cp "%p" "${file}.part" && sync "${file}.part" && mv "${file}.part" "${file}"`)}`);
    await client.query('SELECT pg_reload_conf()');
    await client.query(`SELECT pg_backup_start('cahier', fast => true)`);
    const { rows: [server] } = await client.query<{ data: string }>(`SELECT current_setting('data_directory') AS data`);
    copyTree(server!.data, base, user);
    // Returns once the log that the copy needs is in its place.
    const { rows: [stopped] } = await client.query<{ labelfile: string; at: Date }>('SELECT labelfile, clock_timestamp() AS at FROM pg_backup_stop()');
    writeOwn(join(base, 'backup_label'), stopped!.labelfile, user);
    return stopped!.at;
  } finally {
    await client.end();
  }
}

/** The segment under way goes to the backup too: what was committed until now can be given back. */
export async function archiveNow({ adminUrl }: Pick<StackAddresses['postgres'], 'adminUrl'>): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows: [row] } = await client.query<{ segment: string }>('SELECT pg_walfile_name(pg_current_wal_lsn()) AS segment, pg_switch_wal()');
    await waitFor('the log to be archived', async () => {
      const { rows: [archiver] } = await client.query<{ last: string | null }>('SELECT last_archived_wal AS last FROM pg_stat_archiver');
      return (archiver!.last ?? '') >= row!.segment ? true : undefined;
    }, { timeoutMs: 30_000 });
  } finally {
    await client.end();
  }
}

/**
 * Puts a backup in the place of a data folder whose server does not run; what was there is kept beside it. The server's
 * next start brings it to `to`, or to the last moment that the log has. From then on it is a server like any other, whose log
 * goes nowhere: what it does now is another history, and needs a backup of its own.
 * @throws StackProblem where there is no backup.
 */
export function layOut(folder: string, data: string, to?: Date): void {
  const user = postgresUser();
  const [base, wal] = [join(resolve(folder), 'base'), join(resolve(folder), 'wal')];
  if (!existsSync(join(base, 'backup_label'))) throw new StackProblem(`There is no whole backup in ${folder}.`);
  if (existsSync(data)) renameSync(data, `${data}.before-${new Date(Date.now()).toISOString().replace(/\W/g, '')}`);
  copyTree(base, data, user);
  copyFileSync(join(base, 'backup_label'), join(data, 'backup_label'));
  writeOwn(join(data, 'recovery.signal'), '', user);
  const settings = { restore_command: `cp "${wal}/%f" "%p"`, recovery_target_time: to?.toISOString().replace('T', ' ').replace('Z', '+00') ?? '', recovery_target_action: 'promote', archive_command: 'true' };
  appendFileSync(join(data, 'postgresql.auto.conf'), Object.entries(settings).map(([name, value]) => `${name} = ${escapeLiteral(value)}\n`).join(''));
  if (user) for (const name of ['backup_label', 'postgresql.auto.conf']) chownSync(join(data, name), user.uid, user.gid);
}

/** A server of its own on a backup, beside the stack's; it ends with the stack. @returns once it has reached `to` and can be written to. */
export async function startRestored(stack: Pick<Stack, 'ledger' | 'folder' | 'durability'>, name: string, folder: string, to?: Date): Promise<StackAddresses['postgres']> {
  const data = join(resolve(folder), name);
  layOut(folder, data, to);
  return startPostgres({ ledger: stack.ledger, keys: new Keys(stack.folder), throwAway: false, durability: stack.durability, log: () => undefined }, { name, data });
}

/** A file that goes while it is copied, or changes, is what the log makes good. */
function copyTree(from: string, to: string, user: SystemUser | undefined, inside = ''): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  if (user) chownSync(to, user.uid, user.gid);
  if (EMPTY.has(inside)) return;
  for (const name of readdirSync(from)) {
    if (LEFT_OUT.test(name)) continue;
    const [source, target] = [join(from, name), join(to, name)];
    try {
      const about = lstatSync(source);
      if (about.isSymbolicLink()) throw new StackProblem(`${source} is a link: tablespaces are not backed up here.`);
      if (about.isDirectory()) copyTree(source, target, user, inside === '' ? name : `${inside}/${name}`);
      else {
        copyFileSync(source, target);
        if (user) lchownSync(target, user.uid, user.gid);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      rmSync(target, { force: true });
    }
  }
}

function writeOwn(file: string, text: string, user: SystemUser | undefined): void {
  writeFileSync(file, text, { mode: 0o600 });
  if (user) chownSync(file, user.uid, user.gid);
}
