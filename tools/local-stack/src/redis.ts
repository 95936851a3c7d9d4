import { mkdirSync } from 'node:fs';
import { createClient } from 'redis';
import { awaited } from './processes.js';
import { dataFolder, launchServer, logFile, type ServerContext } from './server.js';
import type { StackAddresses } from './addresses.js';
import { waitFor } from './wait.js';

/** redis-server from the PATH, with its append-only file on and nothing ever evicted: a queue must not lose a job silently. */
export async function startRedis(context: ServerContext): Promise<StackAddresses['redis']> {
  const folder = dataFolder(context, 'redis');
  mkdirSync(folder, { recursive: true });
  const port = await context.ledger.port('redis');
  const url = `redis://127.0.0.1:${port}`;
  const identity = await launchServer(context, 'redis', { stopWith: 'SIGTERM' }, {
    name: 'Redis',
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction', '--save', '', '--daemonize', 'no'],
    howToInstall: 'Install it with `apt-get install redis-server` (Debian, Ubuntu) or `brew install redis`.',
  });
  await waitFor('Redis to answer', () => ping(url), { timeoutMs: 10_000, of: awaited('Redis', identity, logFile(context, 'redis')) });
  return { url };
}

async function ping(url: string): Promise<true> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 1_000 } });
  // Without a listener an error event would end this process; connect() and ping() report the same error.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.ping();
    return true;
  } finally {
    client.destroy();
  }
}
