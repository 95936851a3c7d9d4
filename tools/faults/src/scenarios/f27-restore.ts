import { rowsOf } from '@cahier/demo';
import { archiveNow, backUp, layOut, serviceNames, startRestored, type ServiceName } from '@cahier/local-stack';
import { execFile } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const run = promisify(execFile);
const apps = resolve(import.meta.dirname, '..', '..', '..', '..', 'apps');
/** Between the backup and the instant that is given back, and between that and the loss. */
const APART_MS = 2_000;
/** Long enough that somebody files before the instant and after it, on a slow machine too. */
const FILING = { perSecond: 15, seconds: 24 };
/** Where no server is: what is filed meanwhile is filed again. */
const NOWHERE = 'http://127.0.0.1:9';

/** One service's database, given back as it was in the middle of the filing, in a new cluster; Kafka and the others are ahead. */
const restoreOne = (name: ServiceName, id: string, when: 'while filing' | 'after the report', bodiesLost: boolean): Scenario<World> => ({
  id, title: `Database of ${name} restored to an earlier time, Kafka ahead`, invariants: ['I1', 'I2', 'I4', 'E3', 'E4', 'N1', 'S1'], bodiesLost, load: FILING, quietSeconds: when === 'while filing' ? 30 : 20,
  async run(world) {
    const { postgres } = world.stack;
    const folder = await backupFolder(world, id);
    await backUp(postgres, folder);
    const { to, mailed } = await instantBetween(world);
    if (when === 'after the report') await reported(world);
    await quiet(world);
    await world.services[name].kill();
    if (name === 'notification-service') world.forgetMails(world.mail.taken.length - mailed);
    await archiveNow(postgres);
    const restored = await startRestored(world.stack, `postgres-${name}`, folder, to);
    world.links[name].postgres.leadTo(restored.port);
    await refuses(world, name);
    await recover(world, name);
    await world.services[name].restart();
    world.intakes = [world.services['contribution-service'].url];
  },
});

const restoreAll: Scenario<World> = {
  id: 'F27-SET', title: 'All databases restored to an earlier time, Kafka ahead', invariants: ['I1', 'I2', 'I4', 'E3', 'E4', 'N1', 'S1'], bodiesLost: true, load: FILING, quietSeconds: 45,
  async run(world) {
    const { postgres } = world.stack;
    const folder = await backupFolder(world, 'F27-SET');
    await backUp(postgres, folder);
    const { to, mailed } = await instantBetween(world);
    await quiet(world);
    await Promise.all(serviceNames.map((name) => world.services[name].kill()));
    world.forgetMails(world.mail.taken.length - mailed);
    await archiveNow(postgres);
    const data = await dataFolder(world);
    process.kill(world.pidOf('postgres'), 'SIGQUIT');
    await sleep(500);
    layOut(folder, data, to);
    await world.restartServer('postgres');
    // Of campaigns and reports nothing was said in between: these databases lack nothing.
    await refuses(world, 'contribution-service');
    for (const name of serviceNames) await recover(world, name);
    await Promise.all(serviceNames.map((name) => world.services[name].restart()));
    world.intakes = [world.services['contribution-service'].url];
  },
};

const behind: Scenario<World> = {
  id: 'F27-BEHIND', title: 'Kafka’s log put back to an earlier time, databases ahead', invariants: ['I1', 'E1', 'E2', 'E4'], topicsWiped: true, load: { seconds: 12 }, quietSeconds: 45,
  async run(world) {
    const log = join(world.stack.folder, 'kafka', 'data');
    const copy = join(world.stack.folder, 'kafka', 'data.earlier');
    process.kill(world.pidOf('kafka'), 'SIGKILL');
    await sleep(500);
    cpSync(log, copy, { recursive: true });
    await world.restartServer('kafka');
    await sleep(5_000);
    process.kill(world.pidOf('kafka'), 'SIGKILL');
    await sleep(500);
    rmSync(log, { recursive: true });
    cpSync(copy, log, { recursive: true });
    await world.restartServer('kafka');
    await Promise.all(serviceNames.map((name) => world.services[name].stop()));
    for (const name of serviceNames) await command(world, name, ['dist/republish.js', '--after-loss']);
    await Promise.all(serviceNames.map((name) => world.services[name].restart()));
  },
};

/** In this order: the last four give their service a cluster of its own. */
export const f27: readonly Scenario<World>[] = [
  behind, restoreAll,
  restoreOne('contribution-service', 'F27-CONTRIBUTION', 'while filing', true), restoreOne('campaign-service', 'F27-CAMPAIGN', 'after the report', false),
  restoreOne('notification-service', 'F27-NOTIFICATION', 'after the report', false), restoreOne('reporting-service', 'F27-REPORTING', 'after the report', false),
];

/** @throws Error when the service starts on a database that was put back. */
async function refuses(world: World, name: ServiceName): Promise<void> {
  const refusal = await command(world, name, ['dist/main.js']).then(() => '', (error: { stderr?: string }) => error.stderr ?? '');
  if (!refusal.includes('restored to an earlier time')) throw new Error(`${name} did not refuse to start on a restored database: ${refusal.slice(0, 200)}`);
}

/** The documented command. */
async function recover(world: World, name: ServiceName): Promise<void> {
  const done = await command(world, name, ['dist/recover.js']);
  for (const line of done.trim().split('\n').filter((one) => !one.startsWith('{'))) world.say(line);
}

async function command(world: World, name: ServiceName, args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, args, { cwd: join(apps, name), env: { PATH: process.env.PATH, ...world.services[name].env }, timeout: 60_000 });
  return stdout;
}

/** Something is committed before it, and something after. @returns it, and how many mails had left by then. */
async function instantBetween(world: World): Promise<{ to: Date; mailed: number }> {
  await sleep(APART_MS);
  const mailed = world.mail.taken.length;
  const [row] = await rowsOf<{ now: Date }>(world.stack.postgres.adminUrl, 'SELECT clock_timestamp() AS now');
  await sleep(APART_MS);
  return { to: row!.now, mailed };
}

/** Nobody files, and all that was said has reached Kafka: what has reached neither Kafka nor a backup is lost with the disk. */
async function quiet(world: World): Promise<void> {
  world.intakes = [NOWHERE];
  await until('the outboxes to be empty', async () => {
    const waiting = await Promise.all(serviceNames.map((name) => rowsOf(world.services[name].env.DATABASE_URL ?? '', 'SELECT FROM outbox WHERE published_at IS NULL LIMIT 1')));
    return waiting.every(({ length }) => length === 0);
  });
}

async function reported(world: World): Promise<void> {
  const ended = async (name: ServiceName, sql: string): Promise<boolean> => (await rowsOf(world.services[name].env.DATABASE_URL ?? '', sql, [world.campaign?.campaignId])).length > 0;
  await until('the report to be out', () => ended('reporting-service', `SELECT FROM report WHERE campaign_id = $1 AND kind = 'closing' AND state = 'published'`));
  await until('its mail to be out', () => ended('notification-service', `SELECT FROM mailing WHERE campaign_id = $1 AND kind = 'report' AND completed_at IS NOT NULL`));
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const start = performance.now(); performance.now() - start < 60_000; await sleep(100)) if (await holds()) return;
  throw new Error(`Waited 60 s for ${what}`);
}

async function dataFolder(world: World): Promise<string> {
  const [row] = await rowsOf<{ folder: string }>(world.stack.postgres.adminUrl, `SELECT current_setting('data_directory') AS folder`);
  return row!.folder;
}

let backups = 0;
/** Beside the data: where PostgreSQL's user can write. */
const backupFolder = async (world: World, id: string): Promise<string> => join(dirname(await dataFolder(world)), `backup-${id.toLowerCase()}-${++backups}`);
