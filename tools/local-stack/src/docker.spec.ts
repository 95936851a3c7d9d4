import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { removeData } from './stop-recorded.js';
import { startStack } from './stack.js';

// Real processes on a machine that may be busy: a limit against hanging, not a promise of speed.
jest.setTimeout(60_000);

delete process.env.TEST_REDIS_URL;
const PATH = process.env.PATH ?? '';

/** With a program that writes down how it was called instead of Docker. */
describe('a stack where Docker answers', () => {
  let folder: string;
  let calls: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-docker-'));
    calls = join(folder, 'calls');
    process.env.PATH = `${folder}${delimiter}${PATH}`;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param refuses a word of the command that fails. */
  function docker({ refuses = 'nothing' } = {}): void {
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\necho "$CAHIER_REDIS_PORT docker $*" >> ${calls}\ncase "$*" in *${refuses}*) exit 1;; esac\n`);
    chmodSync(join(folder, 'docker'), 0o755);
  }

  it('uses containers under a name and ports of its own, and takes exactly those down', async () => {
    docker();
    const said: string[] = [];
    const stack = await startStack({ parts: ['redis'], folder: join(folder, 'stack'), throwAway: true, log: (line) => said.push(line) });
    const { port } = new URL(stack.redis.url);
    await stack.stop();

    expect(said).toEqual(['Servers: redis in Docker.']);
    const [, pull, up, down] = readFileSync(calls, 'utf8').trim().split('\n');
    expect(pull).toMatch(/ compose -f \S+docker-compose.yml -f \S+infra.yml pull --policy missing redis$/);
    expect(up).toMatch(new RegExp(`^${port} docker compose -p cahier-[0-9a-f]{12} -f \\S+ -f \\S+ up --detach --wait --wait-timeout 90 redis$`));
    const [project] = /cahier-[0-9a-f]{12}/.exec(up ?? '') ?? [];
    expect(down).toMatch(new RegExp(` compose -p ${project} -f \\S+ -f \\S+ down --volumes$`));
    expect(existsSync(join(folder, 'stack'))).toBe(false);
  });

  it('keeps the volumes of data that is kept', async () => {
    docker();
    const stack = await startStack({ parts: ['redis'], folder: join(folder, 'stack') });
    await stack.stop();
    removeData(stack.ledger);

    expect(readFileSync(calls, 'utf8').trim().split('\n').at(-1)).toMatch(/ down$/);
  });

  it.each([
    ['info', 'no Docker engine answers'],
    ['pull', 'Docker answers, but has not got the images and cannot fetch them in time'],
  ])('starts processes where `docker %s` fails, and says why', async (refuses, why) => {
    docker({ refuses });
    const said: string[] = [];
    const stack = await startStack({ parts: ['redis'], folder: join(folder, 'stack'), throwAway: true, log: (line) => said.push(line) });
    const { redis } = stack.pids;
    await stack.stop();

    expect(redis).toBeGreaterThan(0);
    expect(said).toEqual([`Servers: redis as local processes (${why}).`]);
  });
});
