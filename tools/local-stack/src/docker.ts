import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { folderKey, projectFolder } from './paths.js';
import { prepare } from './postgres.js';
import type { ServerContext } from './server.js';
import type { StackAddresses, StackPart } from './addresses.js';

/** The servers of the whole system, with ports on this machine. */
const COMPOSE_FILES = ['docker-compose.yml', join('compose', 'infra.yml')].flatMap((file) => ['-f', join(projectFolder, file)]);
const ENGINE_TIMEOUT_MS = 5_000;
const PULL_TIMEOUT_MS = 180_000;
const START_TIMEOUT_MS = 90_000;

const docker = (args: readonly string[], timeout: number, env: NodeJS.ProcessEnv = {}): Promise<unknown> => promisify(execFile)('docker', args, { timeout, env: { ...process.env, ...env } });

/** What can run in containers; sign-in and the mail catch-all are npm packages and run as processes everywhere. */
export const containerParts = ['postgres', 'kafka', 'redis'] as const satisfies StackPart[];
export type ContainerPart = (typeof containerParts)[number];

/** @returns why Docker cannot serve these parts in time, or undefined when it can. */
export async function dockerProblem(parts: readonly ContainerPart[]): Promise<string | undefined> {
  try {
    await docker(['info', '--format', '{{.ServerVersion}}'], ENGINE_TIMEOUT_MS);
  } catch {
    return 'no Docker engine answers';
  }
  try {
    await docker(['compose', ...COMPOSE_FILES, 'pull', '--policy', 'missing', ...parts], PULL_TIMEOUT_MS);
    return undefined;
  } catch {
    return 'Docker answers, but has not got the images and cannot fetch them in time';
  }
}

/** Starts the containers of docker-compose.yml and compose/infra.yml under a project of this folder's own, on free ports, and waits for their health checks. */
export async function startContainers(context: ServerContext, parts: readonly ContainerPart[]): Promise<Partial<StackAddresses>> {
  const project = `cahier-${folderKey(context.ledger.folder)}`;
  const port = { postgres: await context.ledger.port('postgres'), kafka: await context.ledger.port('kafka'), redis: await context.ledger.port('redis') };
  const password = context.keys.password('postgres-admin');
  const env = {
    CAHIER_POSTGRES_PORT: String(port.postgres),
    CAHIER_POSTGRES_PASSWORD: password,
    CAHIER_POSTGRES_FSYNC: context.durability === 'test' ? 'off' : 'on',
    CAHIER_KAFKA_PORT: String(port.kafka),
    CAHIER_REDIS_PORT: String(port.redis),
  };
  context.ledger.note({ composeProject: project });
  await docker(['compose', '-p', project, ...COMPOSE_FILES, 'up', '--detach', '--wait', '--wait-timeout', String(START_TIMEOUT_MS / 1000), ...parts], START_TIMEOUT_MS + 10_000, env);
  const all = {
    postgres: { host: '127.0.0.1', port: port.postgres, adminUrl: `postgres://postgres:${password}@127.0.0.1:${port.postgres}/postgres` },
    kafka: { brokers: [`127.0.0.1:${port.kafka}`] },
    redis: { url: `redis://127.0.0.1:${port.redis}` },
  };
  if (parts.includes('postgres')) await prepare(all.postgres.adminUrl);
  return Object.fromEntries(parts.map((part) => [part, all[part]]));
}

/** Takes down the containers of a project; their volumes too when the data is not kept. */
export async function removeContainers(project: string, { withData }: { withData: boolean }): Promise<void> {
  await docker(['compose', '-p', project, ...COMPOSE_FILES, 'down', ...(withData ? ['--volumes'] : [])], START_TIMEOUT_MS);
}
