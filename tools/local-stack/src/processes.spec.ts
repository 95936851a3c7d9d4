import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { awaited, endProcess, identify, isRunning, launch, ownIdentity } from './processes.js';
import { StackProblem } from './problem.js';
import { waitFor } from './wait.js';

// Real processes on a machine that may be busy: a limit against hanging, not a promise of speed.
jest.setTimeout(60_000);

describe('processes', () => {
  const children: ChildProcess[] = [];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-processes-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function sleeper(): ChildProcess {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    children.push(child);
    return child;
  }

  it('knows itself', () => {
    expect(isRunning(ownIdentity())).toBe(true);
  });

  it('never signals a process that merely has the number of one it started', async () => {
    const stranger = sleeper();
    const ours = { pid: stranger.pid ?? 0, startedAt: 'long ago' };

    expect(isRunning(ours)).toBe(false);
    await endProcess(ours, 'SIGKILL', 1_000);

    expect(identify(ours.pid)).toBeDefined();
  });

  it('does not take a zombie for a running process', async () => {
    // The shell starts a child that ends at once, and never asks how: the child stays listed as a zombie.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(parent);
    const pid = Number(await new Promise<string>((resolve) => parent.stdout.once('data', (text: Buffer) => resolve(text.toString()))));
    const state = (): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0] ?? '';
    await waitFor('the zombie', async () => (state() === 'Z' ? true : undefined), { timeoutMs: 5_000 });

    expect(identify(pid)).toBeUndefined();
  });

  it('kills a process that does not listen to the polite signal', async () => {
    const log = join(folder, 'stubborn.log');
    const stubborn = await launch({ name: 'Stubborn', command: 'sh', args: ['-c', 'trap "" TERM; echo ready; while true; do sleep 0.05; done'], logFile: log });
    await waitFor('the trap to be set', async () => (readFileSync(log, 'utf8').includes('ready') ? true : undefined), { timeoutMs: 5_000 });

    await endProcess(stubborn, 'SIGTERM', 200);

    expect(isRunning(stubborn)).toBe(false);
  });

  it('stops waiting for a server that has ended, and shows why it did', async () => {
    const logFile = join(folder, 'broken.log');
    const broken = await launch({ name: 'Broken', command: 'sh', args: ['-c', 'echo "port already in use"; sleep 0.1'], logFile });

    const waiting = waitFor('Broken to answer', async () => undefined, { timeoutMs: 30_000, of: awaited('Broken', broken, logFile) });

    await expect(waiting).rejects.toThrow(/^Broken ended while starting\.\n.*\nport already in use$/);
  });

  it('says how to install a program that is not there', async () => {
    const starting = launch({ name: 'Redis', command: 'no-such-program', args: [], logFile: join(folder, 'x.log'), howToInstall: 'Install it with `apt-get install redis-server`.' });

    await expect(starting).rejects.toThrow(new StackProblem('Redis needs no-such-program, which is not installed. Install it with `apt-get install redis-server`.'));
  });
});
