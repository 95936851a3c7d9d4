/**
 * Puts in place what a fresh clone lacks, then runs an npm script:
 *
 *     node tools/bootstrap.mjs [script] [arguments…]
 *
 * Runs under Node 20 with nothing installed, hence without dependencies. Does nothing, quickly, when all is there.
 * The script is started from here and not after `&&`: this shell has already made up its mind which `node` it uses,
 * and it would not be the one just installed in node_modules/.bin.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const NODE_TO_BOOTSTRAP = 20;
const NODE_TO_RUN = 24;
const JAVA = 17;

/** Something only the person at the machine can put right. */
class Missing extends Error {}

/** @returns what had to be done, one line each; empty when all was there. */
export function bootstrap({ project, env = process.env, say = (line) => console.log(line) }) {
  const done = [];
  const step = (what, act) => {
    say(`${what} …`);
    const start = performance.now();
    act();
    done.push(what);
    say(`${what}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  };

  requirePrograms(project, env);
  if (!dependenciesAreCurrent(project)) step('Installing npm packages (npm ci)', () => npmCi(project, env));
  requireNode(project);
  const pom = join(project, 'tools', 'local-stack', 'kafka', 'pom.xml');
  const kafka = join(project, '.cahier', 'kafka-libs');
  const wanted = fingerprint(pom);
  if (onPath('mvn', env) && readIfThere(join(kafka, 'pom.sha256')) !== wanted) step('Fetching Kafka by Maven', () => fetchKafka({ pom, kafka, wanted, env }));
  return done;
}

/** All that is missing in one message, each with the command that installs it. */
function requirePrograms(project, env) {
  const [major] = process.versions.node.split('.').map(Number);
  const missing = [];
  if (major < NODE_TO_BOOTSTRAP) missing.push(`Node ${NODE_TO_BOOTSTRAP} or later (this is ${process.version}): https://nodejs.org/en/download`);
  const given = ['TEST_POSTGRES_URL', 'TEST_KAFKA_BROKERS', 'TEST_REDIS_URL'].every((name) => env[name]);
  const local = given ? [] : missingForLocalServers(project, env);
  if (local.length > 0 && !dockerAnswers(env)) missing.push(...local, 'or, instead of these, start a Docker engine');
  if (missing.length > 0) throw new Missing(`Missing on this machine:\n${missing.map((line) => `  - ${line}`).join('\n')}`);
}

function missingForLocalServers(project, env) {
  const missing = [];
  if (!onPath('java', env)) missing.push(`Java ${JAVA} or later: apt-get install openjdk-17-jre-headless (Debian, Ubuntu) or brew install openjdk`);
  else if (!existsSync(join(project, '.cahier', 'kafka-libs')) && javaMajor(env) < JAVA) missing.push(`Java ${JAVA} or later (this is ${javaMajor(env)}): apt-get install openjdk-17-jre-headless, or set PATH to a newer one`);
  if (!onPath('mvn', env) && !existsSync(join(project, '.cahier', 'kafka-libs'))) missing.push('Maven, which fetches Kafka: apt-get install maven or brew install maven');
  if (!onPath('redis-server', env)) missing.push('Redis: apt-get install redis-server or brew install redis');
  return missing;
}

/** Whether what npm says it installed is what package-lock.json asks for. */
export function dependenciesAreCurrent(project) {
  const installed = readIfThere(join(project, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return false;
  const there = JSON.parse(installed).packages;
  const asked = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(asked).every(([path, { version, link, optional, extraneous }]) => {
    if (!path.startsWith('node_modules/') || link || extraneous) return true;
    // npm leaves out optional packages made for other systems.
    return there[path] ? there[path].version === version : optional === true;
  });
}

function npmCi(project, env) {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: project, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Missing('npm ci failed; its message stands above. Without a network, packages cannot be fetched.');
}

/** Node 24 comes as an npm package for Linux; elsewhere the system's own must do. */
function requireNode(project) {
  if (existsSync(join(project, 'node_modules', '.bin', 'node'))) return;
  const [major] = process.versions.node.split('.').map(Number);
  if (major < NODE_TO_RUN) throw new Missing(`npm has no Node ${NODE_TO_RUN} for this system (${process.platform} ${process.arch}); this is ${process.version}. Install it from https://nodejs.org/en/download`);
}

/** Fetched beside and renamed: never half there. */
function fetchKafka({ pom, kafka, wanted, env }) {
  const partial = `${kafka}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    const args = ['-q', '-B', '-Dstyle.color=never', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`];
    const { status, stdout } = spawnSync('mvn', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
    if (status !== 0) throw new Missing(`Maven could not fetch Kafka:\n${stdout.trim().split('\n').slice(0, 8).join('\n')}`);
    writeFileSync(join(partial, 'pom.sha256'), wanted);
    rmSync(kafka, { recursive: true, force: true });
    rmSync(join(kafka, '..', 'kafka.jsa'), { force: true }); // classes of the Kafka that was there before
    renameSync(partial, kafka);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function onPath(program, env) {
  return (env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** `openjdk version "17.0.15"`, and `"1.8.0_402"` in old times. */
function javaMajor(env) {
  const { stderr } = spawnSync('java', ['-version'], { env, encoding: 'utf8' });
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr ?? '') ?? [];
  return Number(first === '1' ? second : first) || 0;
}

function dockerAnswers(env) {
  return onPath('docker', env) && spawnSync('docker', ['info'], { env, timeout: 5_000, stdio: 'ignore' }).status === 0;
}

const fingerprint = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** npm hands on a Ctrl-C that we have already got from the terminal: what comes this soon is the same one. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Runs a script of package.json as npm would, with the programs of node_modules/.bin first; all it starts is one group
 * that gets each signal once, whether it came from the terminal, from npm or from somebody's kill.
 */
function runScript(project, script, args) {
  const command = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).scripts?.[script];
  if (command === undefined) throw new Missing(`package.json has no script ${script}`);
  const env = {
    // What one process has compiled the next need not: a quarter of what it costs to start a service.
    NODE_COMPILE_CACHE: join(project, '.cahier', 'compile-cache'),
    ...process.env,
    PATH: [join(project, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  };
  const child = spawn('sh', ['-c', `${command} "$@"`, script, ...args], { cwd: project, env, stdio: 'inherit', detached: true });
  const last = {};
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = performance.now();
      if (now - (last[signal] ?? -Infinity) < SAME_SIGNAL_MS || child.exitCode !== null) return;
      last[signal] = now;
      process.kill(-child.pid, signal);
    });
  }
  child.once('exit', (code) => process.exit(code ?? 1));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [script, ...args] = process.argv.slice(2);
  const project = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
  try {
    const done = bootstrap({ project });
    if (script !== undefined) runScript(project, script, args);
    else if (done.length === 0) console.log('Everything is in place.');
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    if (script === 'test:run') console.log('tests: 0 passed, 1 failed, 0 skipped');
  }
}
