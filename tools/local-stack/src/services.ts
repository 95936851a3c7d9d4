import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Keys } from './keys.js';
import { noteServices } from './live-system.js';
import { projectFolder } from './paths.js';
import { StackProblem } from './problem.js';
import { endProcess, awaited, isRunning, launch, sendSignal, type ProcessIdentity } from './processes.js';
import { createDatabases } from './service-databases.js';
import { serviceEnvironments, type ServicePlace } from './service-environment.js';
import { markOnSharedServers } from './shared-servers.js';
import { serviceNames, type Service, type ServiceName, type Services, type ServicesOptions, type Stack } from './types.js';
import { waitFor } from './wait.js';

const run = promisify(execFile);
const READY_TIMEOUT_MS = 60_000;
const MIGRATION_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 15_000;

/** Of the starter's environment a service sees only what any program needs, and where its spans go; the rest of what it knows is made here. */
const INHERITED = /^(PATH|HOME|LANG|TMPDIR|NODE_COMPILE_CACHE|OTEL_\w+)$/;
const NODE_OPTIONS = '--enable-source-maps --max-old-space-size=384';

/**
 * Gives each service a role and a database of its own, keys and a complete environment; migrates, starts it as
 * `node dist/main.js` and returns once all of them are ready. Everything is stopped by `stop()` and by the stack's own.
 * @throws StackProblem naming the service, with the end of its log.
 */
export async function startServices<S extends ServiceName = ServiceName>(stack: Stack, { only, env = {}, place = (_, made) => ({ ...made }), logFolder, log = () => undefined }: ServicesOptions<S>): Promise<Services<S>> {
  const wanted = (only ?? serviceNames) as readonly S[];
  mkdirSync(logFolder, { recursive: true });
  const environments = await prepare(stack);
  noteServices(stack.folder, Object.fromEntries(serviceNames.map((name) => [name, { ...environments[name], ...env[name as S] }])) as typeof environments);
  const services = wanted.map((name) => new RunningService(stack, name, place(name, { ...environments[name], ...env[name] }), join(logFolder, `${name}.log`)));

  log(`Migrating ${wanted.length} databases and starting ${wanted.join(', ')}.`);
  const started = await Promise.allSettled(services.map((service) => service.migrateAndStart()));
  const failure = started.find((result) => result.status === 'rejected');
  const stop = async (): Promise<void> => void (await Promise.all(services.map((service) => service.stop())));
  if (failure) {
    await stop();
    throw failure.reason as Error;
  }
  return Object.assign(Object.fromEntries(services.map((service) => [service.name, service])) as unknown as Record<S, Service>, { stop });
}

/**
 * Runs a command of each service, as `node dist/<name>.js`, one after the other, with the environment that the service gets.
 * @throws StackProblem naming the service, with what it said.
 */
export async function runInServices(stack: Stack, command: string, log: (line: string) => void): Promise<void> {
  const environments = await prepare(stack);
  for (const name of serviceNames) {
    try {
      const { stdout } = await run(process.execPath, [`dist/${command}.js`], { cwd: join(projectFolder, 'apps', name), env: { ...process.env, ...environments[name] }, timeout: MIGRATION_TIMEOUT_MS });
      log(stdout.trim());
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new StackProblem(`${command} of ${name} failed:\n${(stderr || stdout).trim().slice(-3_000)}`, { cause: error });
    }
  }
}

/** The environment of all four: each names the others' addresses, be they started or not. */
async function prepare(stack: Stack): Promise<Record<ServiceName, Record<string, string>>> {
  const keys = new Keys(stack.folder);
  const databases = await createDatabases(stack.postgres.adminUrl, keys, serviceNames, markOnSharedServers(stack.ledger, 'postgres'));
  const places: Partial<Record<ServiceName, ServicePlace>> = {};
  for (const name of serviceNames) places[name] = { databaseUrl: databases[name], port: await stack.ledger.port(name) };
  return serviceEnvironments(stack, keys, places as Record<ServiceName, ServicePlace>, { topics: markOnSharedServers(stack.ledger, 'kafka'), queues: markOnSharedServers(stack.ledger, 'redis') });
}

class RunningService implements Service {
  starts = 0;
  private process: ProcessIdentity | undefined;
  private readonly folder: string;

  constructor(
    private readonly stack: Stack,
    readonly name: ServiceName,
    private environment: Record<string, string>,
    private readonly logFile: string,
  ) {
    this.folder = join(projectFolder, 'apps', name);
  }

  get url(): string {
    return `http://127.0.0.1:${this.environment.HTTP_PORT}`;
  }

  get pid(): number {
    if (!this.process) throw new StackProblem(`${this.name} has not been started`);
    return this.process.pid;
  }

  get env(): Readonly<Record<string, string>> {
    return this.environment;
  }

  async migrateAndStart(): Promise<void> {
    if (!existsSync(join(this.folder, 'dist', 'main.js'))) throw new StackProblem(`${this.name} has not been built. Run \`npm run build\`.`);
    try {
      await run(process.execPath, ['dist/migrate.js'], { cwd: this.folder, env: this.processEnvironment(), timeout: MIGRATION_TIMEOUT_MS });
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new StackProblem(`The database of ${this.name} could not be migrated:\n${(stderr || stdout).trim().slice(-3_000)}`, { cause: error });
    }
    await this.start();
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.process) return;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return void sendSignal(this.process, signal);
    await endProcess(this.process, signal, STOP_TIMEOUT_MS);
    this.stack.ledger.ended(this.name);
  }

  async restart(env: Record<string, string> = {}): Promise<void> {
    await this.stop();
    this.environment = { ...this.environment, ...env };
    await this.start();
  }

  async stop(): Promise<void> {
    if (this.process) sendSignal(this.process, 'SIGCONT'); // one that was paused could not hear the next signal
    await this.kill('SIGTERM');
  }

  private async start(): Promise<void> {
    const identity = await launch({ name: this.name, command: process.execPath, args: ['dist/main.js'], cwd: this.folder, env: this.processEnvironment(), logFile: this.logFile });
    this.process = identity;
    this.starts++;
    this.stack.ledger.started(this.name, { ...identity, kind: 'service', stopWith: 'SIGTERM' });
    const ready = `${this.url}/health/ready`;
    await waitFor(
      `${this.name} to be ready (${ready})`,
      async () => {
        const response = await fetch(ready, { signal: AbortSignal.timeout(5_000) });
        const body = await response.text();
        if (!response.ok) throw new Error(`${response.status} ${body.slice(0, 500)}`);
        return isRunning(identity) ? true : undefined; // never another process at our address
      },
      { timeoutMs: READY_TIMEOUT_MS, of: awaited(this.name, identity, this.logFile) },
    );
  }

  private processEnvironment(): NodeJS.ProcessEnv {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => INHERITED.test(name)));
    return { ...inherited, NODE_OPTIONS, ...this.environment };
  }
}
