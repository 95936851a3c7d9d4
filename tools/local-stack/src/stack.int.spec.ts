import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import { createClient } from 'redis';
import { askMetadata } from './kafka-metadata.js';
import { Ledger } from './ledger.js';
import { identify, isRunning, ownIdentity, type ProcessIdentity } from './processes.js';
import { startStack } from './stack.js';
import { removeData, stopRecorded } from './stop-recorded.js';
import { waitFor } from './wait.js';

// Real processes on a machine that may be busy: a limit against hanging, not a promise of speed.
jest.setTimeout(60_000);

/** Servers of this file's own: those of the test run are for the others. */
for (const name of ['TEST_POSTGRES_URL', 'TEST_KAFKA_BROKERS', 'TEST_REDIS_URL']) delete process.env[name];

describe('the local stack', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-stack-'));
  });
  afterEach(async () => {
    await stopRecorded(folder);
    const ledger = Ledger.read(folder);
    if (ledger) removeData(ledger);
    rmSync(folder, { recursive: true, force: true });
  });

  async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  }

  const processOf = (name: string): ProcessIdentity => {
    const process = Ledger.read(folder)?.processes[name];
    if (!process) throw new Error(`${name} is not in the ledger`);
    return process;
  };

  it('keeps data and addresses from one start to the next, and leaves nothing running between', async () => {
    const first = await startStack({ parts: ['postgres', 'redis'], folder, durability: 'test' });
    await query(first.postgres.adminUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const started = [processOf('postgres'), processOf('redis')];
    expect(started.map(isRunning)).toEqual([true, true]);
    await first.stop();
    expect(started.map(isRunning)).toEqual([false, false]);

    const second = await startStack({ parts: ['postgres', 'redis'], folder, durability: 'test' });
    expect(second.postgres).toEqual(first.postgres);
    expect(await query(second.postgres.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  it('keeps PostgreSQL data in its own folder where the server can reach it, elsewhere only where it cannot, and removes both', async () => {
    for (const [mode, elsewhere] of [[0o755, 0], [0o700, process.getuid?.() === 0 ? 1 : 0]] as const) {
      chmodSync(folder, mode);
      const stack = await startStack({ parts: ['postgres'], folder, throwAway: true, durability: 'test' });
      const data = [...stack.ledger.foldersElsewhere];
      expect(data).toHaveLength(elsewhere);
      expect(existsSync(join(data[0] ?? folder, 'postgres', 'PG_VERSION'))).toBe(true);
      await stack.stop();
      expect([...data, folder].map(existsSync)).toEqual([...data, folder].map(() => false));
      mkdirSync(folder);
    }
  });

  it('runs PostgreSQL durably and counts statements, and Redis so that it never drops a job', async () => {
    const stack = await startStack({ parts: ['postgres', 'redis'], folder });
    const settings = await query(stack.postgres.adminUrl, "SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit, current_setting('max_connections') AS connections, (SELECT count(*) > 0 FROM pg_stat_statements) AS counts");
    expect(settings).toEqual([{ fsync: 'on', commit: 'on', connections: '300', counts: true }]);

    const redis = createClient({ url: stack.redis.url });
    await redis.connect();
    expect(await redis.configGet('appendonly')).toMatchObject({ appendonly: 'yes' });
    expect(await redis.configGet('maxmemory-policy')).toMatchObject({ 'maxmemory-policy': 'noeviction' });
    await redis.close();
    await stack.stop();
  });

  it('calls Kafka started once a broker serves, and removes what is thrown away', async () => {
    const stack = await startStack({ parts: ['kafka'], folder, throwAway: true });
    const [host = '', port = ''] = (stack.kafka.brokers[0] ?? '').split(':');
    expect(await askMetadata(host, Number(port))).toEqual({ brokers: 1, hasController: true });

    await stack.stop();
    await expect(askMetadata(host, Number(port))).rejects.toThrow('ECONNREFUSED');
    expect(existsSync(folder)).toBe(false);
  });

  it('starts again after it and its PostgreSQL were killed, with the data that was committed', async () => {
    // Somebody else starts it, commits, kills PostgreSQL and is killed: the lock files and the other server stay.
    const program = `
      import { startStack } from ${JSON.stringify(join(import.meta.dirname, '..', 'dist', 'index.js'))};
      const stack = await startStack({ parts: ['postgres', 'redis'], folder: ${JSON.stringify(folder)} });
      process.stdout.write(stack.postgres.adminUrl);
      setInterval(() => undefined, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', program], { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((resolve) => starter.stdout.once('data', (text: Buffer) => resolve(text.toString())));
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const [postgres, redis] = [processOf('postgres'), processOf('redis')];
    process.kill(postgres.pid, 'SIGKILL');
    starter.kill('SIGKILL');
    await waitFor('both to be gone', async () => (isRunning(postgres) || identify(starter.pid ?? 0) ? undefined : true), { timeoutMs: 5_000 });

    const stack = await startStack({ parts: ['postgres', 'redis'], folder });
    expect(isRunning(redis)).toBe(false); // the old one was found and ended: two would write one file
    expect(await query(stack.postgres.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await stack.stop();
  });

  it('restarts a crashed part at its address, with its data', async () => {
    const stack = await startStack({ parts: ['postgres'], folder, durability: 'test' });
    await query(stack.postgres.adminUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const { pid } = processOf('postgres');

    await stack.restart('postgres');

    expect(processOf('postgres').pid).not.toBe(pid);
    expect(await query(stack.postgres.adminUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    await stack.stop();
  });

  it('refuses a folder in which somebody runs a stack', async () => {
    const stack = await startStack({ parts: ['redis'], folder });

    await expect(startStack({ parts: ['redis'], folder })).rejects.toThrow(`A stack already runs in ${folder}, started by process ${process.pid}`);
    expect(isRunning(processOf('redis'))).toBe(true);
    await stack.stop();
  });

  it('uses servers that were left running, and leaves them running', async () => {
    const up = await startStack({ parts: ['redis'], folder });
    up.leaveRunning();
    const redis = processOf('redis');

    const user = await startStack({ parts: ['redis'], folder });
    expect(user.redis).toEqual(up.redis);
    await user.stop();

    expect(isRunning(redis)).toBe(true);
  });

  it('leaves a stranger alone that got the number of a server of ours', async () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      const ours = { pid: stranger.pid, startedAt: 'before the last restart', kind: 'server', stopWith: 'SIGTERM' };
      writeFileSync(join(folder, 'state.json'), JSON.stringify({ processes: { redis: ours } }));
      const stack = await startStack({ parts: ['redis'], folder });
      await stack.stop();

      expect(identify(stranger.pid ?? 0)).toBeDefined();
    } finally {
      stranger.kill();
    }
  });

  it('takes another port where its own is taken', async () => {
    const first = await startStack({ parts: ['redis'], folder });
    await first.stop();
    const port = Number(new URL(first.redis.url).port);
    const squatter = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    try {
      const second = await startStack({ parts: ['redis'], folder });
      expect(second.redis.url).not.toBe(first.redis.url);
      await second.stop();
    } finally {
      squatter.close();
    }
  });

  it('stops what it had started when a part cannot start, and says what to install', async () => {
    const path = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      await expect(startStack({ parts: ['postgres', 'redis'], folder, durability: 'test' })).rejects.toThrow(/Redis needs redis-server, which is not installed\. Install it with `apt-get install redis-server`/);
    } finally {
      process.env.PATH = path;
    }
    expect(Ledger.read(folder)?.processes).toEqual({});
    expect(Ledger.read(folder)?.owner).toBeUndefined();
  });

  it('uses servers named by the environment, and starts none', async () => {
    process.env.TEST_REDIS_URL = 'redis://127.0.0.1:1';
    try {
      const said: string[] = [];
      const stack = await startStack({ parts: ['redis'], folder, log: (line) => said.push(line) });
      expect(stack.redis).toEqual({ url: 'redis://127.0.0.1:1' });
      expect(stack.pids).toEqual({});
      expect(said).toEqual(['Servers: redis by the addresses in the environment.']);
      await stack.stop();
    } finally {
      delete process.env.TEST_REDIS_URL;
    }
  });

  it('knows the owner by its birth, so that a lock of a dead one does not hold', async () => {
    writeFileSync(join(folder, 'owner.json'), JSON.stringify({ ...ownIdentity(), startedAt: 'another life' }));

    const stack = await startStack({ parts: ['redis'], folder });
    await stack.stop();
  });
});
