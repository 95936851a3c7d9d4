import type { Service } from '@cahier/local-stack';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const apps = resolve(import.meta.dirname, '..', '..', '..', '..', 'apps');
/** Patience with a busy machine: none of it is in a promise. */
const READY_WITHIN_MS = 180_000;
const REFUSES_WITHIN_MS = 120_000;

/** One more process of a service: the same environment, another port. */
export interface Replica {
  readonly url: string;
  readonly pid: number;
  /** @returns how it ended: its code, or the signal. */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** @returns once it is ready. */
export async function startReplica(service: Service, logFile: string, env: Readonly<Record<string, string>> = {}): Promise<Replica> {
  const port = await freePort();
  const child = start(service, logFile, { ...env, HTTP_PORT: String(port) });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const url = `http://127.0.0.1:${port}`;
  for (const start = performance.now(); !(await isReady(url)); await sleep(50)) {
    if (child.exitCode === null && child.signalCode === null && performance.now() - start < READY_WITHIN_MS) continue;
    child.kill('SIGKILL');
    throw new Error(`The second ${service.name} did not get ready; see ${logFile}`);
  }
  return {
    url,
    pid: child.pid ?? 0,
    async kill(signal) {
      child.kill(signal);
      const [code, by] = await ended;
      return by ?? code;
    },
  };
}

/** Starts a process with settings that it must not accept. @throws Error unless it ends by itself, with a failure. */
export async function requireRefusal(service: Service, logFile: string, env: Readonly<Record<string, string>>): Promise<void> {
  const child = start(service, logFile, { ...env, HTTP_PORT: String(await freePort()) });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const code = await Promise.race([ended.then(([status]) => status), sleep(REFUSES_WITHIN_MS, 'it went on', { ref: false })]);
  if (code !== 0 && code !== 'it went on') return; // null: by its own signal, before it could hear it
  child.kill('SIGKILL');
  throw new Error(`${service.name} did not refuse to start (${code}); see ${logFile}`);
}

function start({ name, env }: Service, logFile: string, more: Readonly<Record<string, string>>): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, ['dist/main.js'], { cwd: resolve(apps, name), env: { PATH: process.env.PATH, ...env, ...more }, stdio: ['ignore', log, log] });
  closeSync(log);
  return child;
}

/** Whether a load balancer would send it requests. */
export async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
