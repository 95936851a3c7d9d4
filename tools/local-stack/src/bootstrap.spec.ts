import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { projectFolder } from './paths.js';

// Real processes on a machine that may be busy: a limit against hanging, not a promise of speed.
jest.setTimeout(60_000);

/** In a small project of its own, with programs that write down how they were called instead of npm, Maven and the like. */
describe('bootstrap', () => {
  let project: string;
  let programs: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), 'cahier-bootstrap-'));
    programs = join(project, 'programs');
    for (const folder of [programs, join(project, 'tools', 'local-stack', 'kafka')]) mkdirSync(folder, { recursive: true });
    cpSync(join(projectFolder, 'tools', 'bootstrap.mjs'), join(project, 'tools', 'bootstrap.mjs'));
    writeFileSync(join(project, 'tools', 'local-stack', 'kafka', 'pom.xml'), '<project/>');
    lock({ 'node_modules/a': { version: '1.0.0' } });
    // npm ci: what npm leaves behind, and Node 24 among the programs. npm run: which Node a script would get.
    program('npm', `if [ "$1" = ci ]; then mkdir -p node_modules/.bin; cp package-lock.json node_modules/.package-lock.json; ln -sf ${process.execPath} node_modules/.bin/node; fi`);
    program('mvn', 'for a in "$@"; do case $a in -DoutputDirectory=*) touch "${a#*=}/kafka.jar";; esac; done');
    program('java', 'echo \'openjdk version "17.0.15"\' >&2');
    program('redis-server', '');
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  function program(name: string, script: string): void {
    writeFileSync(join(programs, name), `#!/bin/sh\necho "${name} $*" >> ${join(project, 'calls')}\n${script}\n`);
    chmodSync(join(programs, name), 0o755);
  }

  function lock(packages: Record<string, { version: string; optional?: boolean; extraneous?: boolean }>): void {
    writeFileSync(join(project, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
  }

  function run(...args: string[]): { status: number | null; output: string; calls: string[] } {
    rmSync(join(project, 'calls'), { force: true });
    // The programs of this test, and those that any shell needs.
    const shell = join(project, 'shell');
    if (!existsSync(shell)) {
      mkdirSync(shell);
      for (const name of ['sh', 'mkdir', 'cp', 'ln', 'touch', 'echo']) symlinkSync(`/bin/${name}`, join(shell, name));
    }
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(project, 'tools', 'bootstrap.mjs'), ...args], { cwd: project, encoding: 'utf8', env: { PATH: [programs, shell].join(delimiter) } });
    const calls = existsSync(join(project, 'calls')) ? readFileSync(join(project, 'calls'), 'utf8').trim().split('\n') : [];
    return { status, output: stdout + stderr, calls };
  }

  it('installs packages and Kafka in a fresh clone, and does nothing the second time', () => {
    const first = run();
    expect(first).toMatchObject({ status: 0, calls: ['java -version', 'npm ci --no-audit --no-fund', expect.stringMatching(/^mvn .*copy-dependencies/)] });
    expect(first.output).toMatch(/Installing npm packages \(npm ci\): \d+\.\d s/);
    expect(existsSync(join(project, '.cahier', 'kafka-libs', 'kafka.jar'))).toBe(true);

    expect(run()).toEqual({ status: 0, calls: [], output: 'Everything is in place.\n' });
  });

  it('installs again when the lock file asks for another version, whatever wrote it', () => {
    run();
    lock({ 'node_modules/a': { version: '1.0.1' } });

    expect(run().calls).toEqual(['npm ci --no-audit --no-fund']);
    expect(run().calls).toEqual([]);
  });

  it('is not misled by packages that npm leaves out: those for other systems, and extraneous ones', () => {
    run();
    lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/a-for-darwin': { version: '1.0.0', optional: true }, 'node_modules/left-over': { version: '1.0.0', extraneous: true } });

    expect(run().calls).toEqual([]);
  });

  it('fetches Kafka again when its version changed', () => {
    run();
    writeFileSync(join(project, 'tools', 'local-stack', 'kafka', 'pom.xml'), '<project>4.4</project>');

    expect(run().calls).toEqual([expect.stringMatching(/^mvn /)]);
  });

  it('runs the script it is given, with its arguments, in the Node that npm installed', () => {
    run();
    writeFileSync(join(project, 'package.json'), JSON.stringify({ scripts: { 'demo:run': 'node demo.js' } }));
    rmSync(join(project, 'node_modules', '.bin', 'node'));
    program('node', 'echo the wrong node');
    writeFileSync(join(project, 'node_modules', '.bin', 'node'), '#!/bin/sh\necho "installed node: $*"\nexit 3\n', { mode: 0o755 });

    expect(run('demo:run', '--seconds', '5; exit 0')).toMatchObject({ status: 3, output: 'installed node: demo.js --seconds 5; exit 0\n' });
  });

  it('hands a signal on once, however often it comes, and waits for the script to end', async () => {
    run();
    writeFileSync(join(project, 'package.json'), JSON.stringify({ scripts: { 'start:run': `exec ${process.execPath} start.mjs` } }));
    writeFileSync(
      join(project, 'start.mjs'),
      "process.on('SIGINT', () => { console.log('interrupted'); setTimeout(() => { console.log('clean'); process.exit(0); }, 300); }); setInterval(() => {}, 1000); console.log('up');",
    );
    const child = spawn(process.execPath, [join(project, 'tools', 'bootstrap.mjs'), 'start:run'], { env: { PATH: process.env.PATH } });
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      // As a terminal and npm do: one to each, one after the other.
      if (output === '') for (const delay of [0, 50]) setTimeout(() => child.kill('SIGINT'), delay);
      output += text.toString();
    });
    const status = await new Promise((resolve) => child.once('close', resolve));

    expect({ status, output }).toEqual({ status: 0, output: 'up\ninterrupted\nclean\n' });
  });

  it('names everything that is missing at once, each with the command that installs it, and installs nothing', () => {
    for (const name of ['java', 'mvn', 'redis-server']) rmSync(join(programs, name));
    const { status, output, calls } = run('test:run');

    expect({ status, calls }).toEqual({ status: 1, calls: [] });
    for (const command of ['apt-get install openjdk-17-jre-headless', 'apt-get install maven', 'apt-get install redis-server', 'Docker engine']) expect(output).toContain(command);
    expect(output.trim().split('\n')).toContain('tests: 0 passed, 1 failed, 0 skipped');
  });

  it('refuses a Java that Kafka cannot run on', () => {
    program('java', 'echo \'java version "1.8.0_402"\' >&2');

    expect(run().output).toContain('Java 17 or later (this is 8)');
  });

  it('keeps no half-fetched Kafka when Maven fails', () => {
    program('mvn', 'echo "Could not transfer artifact"; exit 1');

    expect(run()).toMatchObject({ status: 1, output: expect.stringContaining('Could not transfer artifact') });
    expect(existsSync(join(project, '.cahier', 'kafka-libs'))).toBe(false);
  });
});
