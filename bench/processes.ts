import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setPriority } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs a program to its end; @returns what it printed. */
export async function runProgram(file: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run(process.execPath, [file, ...args], { env: { ...process.env, ...env }, maxBuffer: 10_000_000 });
  return stdout;
}

export interface Running {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const running = new Set<Running>();

/** Those that a part which failed left running. */
export async function stopServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()));
}

/** Starts a server on a free port of loopback and waits until it takes connections. */
export async function startServer(file: string, env: Record<string, string>): Promise<Running> {
  const port = await freePort();
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...env, HTTP_PORT: String(port) }, stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => { resolve(); }));
  const url = `http://127.0.0.1:${port}`;
  for (let up = false; !up; ) {
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`);
    up = await fetch(url).then(() => true, () => new Promise<boolean>((resolve) => setTimeout(() => { resolve(false); }, 100)));
  }
  const server: Running = {
    url, pid: child.pid!,
    async stop() {
      running.delete(server);
      child.kill('SIGTERM');
      await ended;
    },
  };
  running.add(server);
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** CPU time so far of a process and, with `children`, of those it started; in milliseconds. Linux only. */
export function cpuMs(pid: number, children = false): number {
  const fields = (of: number | string): string[] | undefined => {
    try {
      return readFileSync(`/proc/${of}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    } catch {
      return undefined; // ended meanwhile
    }
  };
  // utime and stime, in hundredths of a second (proc(5)); of ended children too where they count.
  const time = (stat: string[] | undefined, reaped: boolean): number => (stat ? [11, 12, ...(reaped ? [13, 14] : [])].reduce((sum, field) => sum + Number(stat[field]) * 10, 0) : 0);
  const own = time(fields(pid), children);
  if (!children) return own;
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(fields).filter((stat) => stat?.[1] === String(pid)).reduce((sum, stat) => sum + time(stat, false), own);
}

/**
 * Gives a process that leads a session so much of a busy machine as a container of so many CPU shares, where others have 1024: Linux
 * weighs sessions as it weighs containers (autogroup, sched(7)), and each step of nice by 1.25. Without autogroups nice weighs processes.
 */
export function weigh(pid: number, shares: number): void {
  const nice = Math.round(Math.log(1024 / shares) / Math.log(1.25));
  if (existsSync('/proc/self/autogroup')) writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  else setPriority(pid, nice);
}
