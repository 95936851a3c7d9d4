import { containerParts, dockerProblem, startContainers } from './docker.js';
import { startKafka } from './kafka.js';
import { Keys } from './keys.js';
import { Ledger } from './ledger.js';
import { startMail } from './mail.js';
import { startOidc } from './oidc.js';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';
import type { ServerContext } from './server.js';
import { addressesFromEnvironment } from './given-addresses.js';
import { StackProblem } from './problem.js';
import { endProcess } from './processes.js';
import { removeData, stopAll } from './stop-recorded.js';
import type { StackAddresses, StackPart } from './addresses.js';
import type { Stack, StackOptions } from './types.js';

/**
 * Starts the servers that were asked for and returns once each answers.
 * They come, in this order, from addresses in the environment (TEST_POSTGRES_URL, TEST_KAFKA_BROKERS, TEST_REDIS_URL),
 * from Docker, or from local processes; `log` is told which. When one fails, all that was started is stopped again.
 * @throws StackProblem saying what is missing and how to get it.
 */
export async function startStack<P extends StackPart>({ parts, folder, throwAway = false, durability = 'local', log = () => undefined }: StackOptions<P>): Promise<Stack<P>> {
  const ledger = Ledger.acquire(folder);
  if (ledger.leftRunning && parts.every((part) => ledger.addresses[part])) {
    log(`Servers already run in ${folder}: using them, and leaving them when done.`);
    await ledger.end('service');
    return runningStack(ledger, parts, { attached: true });
  }
  await stopAll(ledger); // what a killed starter left behind
  ledger.note({ throwAway, durability, addresses: {} });
  const context: ServerContext = { ledger, keys: new Keys(folder), throwAway, durability, log };
  try {
    ledger.note({ addresses: await startParts(context, parts) });
  } catch (error) {
    await stopAll(ledger);
    ledger.release();
    if (throwAway) removeData(ledger);
    throw error;
  }
  return runningStack(ledger, parts, { attached: false, restart: (part, process) => restart(context, part, process) });
}

const RESTART_PATIENCE_MS = 10_000;

/** At once and without warning, as a crash is; then again with the data and the address it had. */
async function restart(context: ServerContext, part: StackPart, name: string = part): Promise<void> {
  const process = context.ledger.processes[name];
  if (!process) throw new StackProblem(`${name} was not started here as a process: it cannot be restarted`);
  await endProcess(process, 'SIGKILL', RESTART_PATIENCE_MS);
  context.ledger.ended(name);
  await startLocally(context, part);
}

async function startParts(context: ServerContext, parts: readonly StackPart[]): Promise<Partial<StackAddresses>> {
  const given = addressesFromEnvironment(parts);
  context.ledger.note({ given: Object.keys(given) as StackPart[] });
  // Docker has one broker.
  const containers = containerParts.filter((part) => parts.includes(part) && !given[part] && !(part === 'kafka' && context.durability === 'production'));
  const problem = containers.length === 0 ? undefined : await dockerProblem(containers);
  const inContainers = containers.length > 0 && problem === undefined;
  const local = parts.filter((part) => !given[part] && !(inContainers && (containers as StackPart[]).includes(part)));

  const took = [
    ...(Object.keys(given).length > 0 ? [`${Object.keys(given).join(', ')} by the addresses in the environment`] : []),
    ...(inContainers ? [`${containers.join(', ')} in Docker`] : []),
    ...(local.length > 0 ? [`${local.join(', ')} as local processes${problem === undefined ? '' : ` (${problem})`}`] : []),
  ];
  context.log(`Servers: ${took.join('; ')}.`);
  const [fromContainers, ...locals] = await allSettledOrThrow([
    inContainers ? startContainers(context, containers) : Promise.resolve({}),
    ...local.map((part) => startLocally(context, part)),
  ]);
  return Object.assign({}, given, fromContainers, ...locals) as Partial<StackAddresses>;
}

async function startLocally(context: ServerContext, part: StackPart): Promise<Partial<StackAddresses>> {
  switch (part) {
    case 'postgres':
      return { postgres: await startPostgres(context) };
    case 'kafka':
      return { kafka: await startKafka(context) };
    case 'redis':
      return { redis: await startRedis(context) };
    case 'mail':
      return { mail: await startMail(context) };
    case 'oidc':
      return { oidc: await startOidc(context) };
  }
}

/** As Promise.all, but waits for every one first: none may still be starting a process while we clean up. */
async function allSettledOrThrow<T>(promises: Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const failures = settled.filter(({ status }) => status === 'rejected').map((result) => (result as PromiseRejectedResult).reason as unknown);
  if (failures.length > 0) throw failures[0];
  return settled.map((result) => (result as PromiseFulfilledResult<T>).value);
}

async function notOurs(part: StackPart): Promise<void> {
  throw new StackProblem(`${part} is left to whoever started it`);
}

function runningStack<P extends StackPart>(ledger: Ledger, parts: readonly P[], { attached, restart = notOurs }: { attached: boolean; restart?: (part: StackPart, process?: string) => Promise<void> }): Stack<P> {
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    if (attached) {
      await ledger.end('service');
      ledger.release({ stillRuns: true });
      return;
    }
    await stopAll(ledger);
    ledger.release();
    if (ledger.throwAway) removeData(ledger);
  };
  return {
    ...(Object.fromEntries(parts.map((part) => [part, ledger.addresses[part]])) as Pick<StackAddresses, P>),
    folder: ledger.folder,
    durability: ledger.durability,
    get pids() {
      return Object.fromEntries(Object.entries(ledger.processes).map(([name, { pid }]) => [name, pid]));
    },
    ledger,
    restart,
    stop: () => (stopped ??= stop()),
    leaveRunning: () => ledger.release({ stillRuns: true }),
  };
}
