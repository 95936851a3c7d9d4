import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { cahierFolder } from './paths.js';
import { identify } from './processes.js';
import { throwAwayFolder } from './throw-away.js';

// Real processes on a machine that may be busy: a limit against hanging, not a promise of speed.
jest.setTimeout(60_000);

describe('throwAwayFolder', () => {
  const parent = join(cahierFolder, 'throw-away');

  it('ends and removes what a killed run left, and touches no other', async () => {
    const { pid: ended } = spawnSync('true');
    const server = spawn('sleep', ['60'], { stdio: 'ignore' });
    const owner = identify(process.pid);
    const left = join(parent, `spec-1-${ended}`);
    const inUse = join(parent, `spec-2-${ended}`);
    for (const folder of [left, inUse]) mkdirSync(folder, { recursive: true });
    const processes = { redis: { ...identify(server.pid ?? 0), kind: 'server', stopWith: 'SIGTERM' } };
    writeFileSync(join(left, 'state.json'), JSON.stringify({ throwAway: true, processes, owner: { pid: ended, startedAt: 'then' } }));
    writeFileSync(join(inUse, 'state.json'), JSON.stringify({ throwAway: true, owner }));
    try {
      const folder = await throwAwayFolder('spec');
      try {
        expect(existsSync(left)).toBe(false);
        expect(identify(server.pid ?? 0)).toBeUndefined();
        expect(existsSync(inUse)).toBe(true);
        expect(existsSync(folder)).toBe(true);
      } finally {
        rmSync(folder, { recursive: true });
      }
    } finally {
      server.kill('SIGKILL');
      rmSync(inUse, { recursive: true });
    }
  });
});
