import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StackProblem } from './problem.js';
import type { Awaited } from './wait.js';

/** A process by its number and its birth: the system uses numbers again, so a number alone may point at somebody else's. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** @returns undefined when no such process runs. A zombie does not run: where PID 1 reaps nothing, killed processes stay listed for ever. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? birthFromProc(pid) : birthFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** This very process. */
export function ownIdentity(): ProcessIdentity {
  const identity = identify(process.pid);
  if (!identity) throw new Error('This process cannot find itself in the process table');
  return identity;
}

function birthFromProc(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the command in parentheses and may hold anything, so count from the last one.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'X' || (state === 'Z' && !hasThreads(pid))) return undefined;
  const ticksSinceBoot = rest[18];
  const boot = readIfThere('/proc/sys/kernel/random/boot_id')?.trim().slice(0, 8);
  return `${boot ?? 'boot'}+${ticksSinceBoot}`;
}

/** A killed process is shown as a zombie as soon as its first thread is gone; the others may still hold its files and ports. */
function hasThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false; // gone meanwhile
  }
}

function birthFromPs(pid: number): string | undefined {
  const [state = '', ...started] = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim().split(/\s+/);
  return state === '' || state.startsWith('Z') ? undefined : started.join(' ');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // The process ended: that is the answer.
  }
}

export interface Launch {
  /** For messages: "PostgreSQL". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Another user to run as; only root can. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** What to tell a person when `command` is not there. */
  readonly howToInstall?: string;
}

/**
 * Starts a process in a group of its own, so that Ctrl-C in the terminal reaches it only through us, in order;
 * it outlives the starter unless stopped.
 * @throws StackProblem when the program is not installed.
 */
export async function launch({ name, command, args, logFile, env, cwd, user, howToInstall }: Launch): Promise<ProcessIdentity> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o644);
  try {
    const child = spawn(command, args, { cwd, env: env ?? process.env, detached: true, stdio: ['ignore', log, log], ...user });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'ENOENT' && howToInstall ? new StackProblem(`${name} needs ${command}, which is not installed. ${howToInstall}`) : new StackProblem(`${name} could not be started: ${error.message}`)),
      );
    });
    child.unref();
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) throw new StackProblem(`${name} ended as soon as it was started:\n${tail(logFile)}`);
    return identity;
  } finally {
    closeSync(log);
  }
}

/** For `waitFor`: the process that should answer. */
export function awaited(name: string, identity: ProcessIdentity, logFile: string): Awaited {
  return { name, logFile, isRunning: () => isRunning(identity), endOfLog: () => tail(logFile) };
}

/** The last lines of a text file. */
export function tail(file: string, lines = 30): string {
  return (readIfThere(file) ?? '').trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * Sends `signal`, waits until the process is gone, and kills it when it is not within `timeoutMs`.
 * Does nothing to a process that has ended or whose number now belongs to another.
 */
export async function endProcess(identity: ProcessIdentity, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  for (const [step, patienceMs] of [[signal, timeoutMs], ['SIGKILL', 5_000]] as const) {
    if (!sendSignal(identity, step)) return;
    const start = performance.now();
    while (performance.now() - start < patienceMs) {
      if (!isRunning(identity)) return;
      await sleep(20);
    }
  }
  throw new StackProblem(`Process ${identity.pid} does not end, not even by SIGKILL`);
}

/** @returns false when the process was no longer there to be signalled. */
export function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
