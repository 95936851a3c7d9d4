import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { json } from './json.js';
import { addressRanges } from './rate-limit/client-address.js';
import { limitChanges } from './rate-limit/limits.js';

/** The environment is incomplete or wrong. Its message names every variable in question and never a value. */
export class ConfigInvalid extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigInvalid';
  }
}

/** At least 32 bytes, in base64url. */
export const secret = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43,}={0,2}$/, 'at least 32 bytes in base64url')
  .transform((text) => Buffer.from(text, 'base64url'));

/** Keys by version: what was made under an old one stays readable after a rotation. */
export interface KeyRing {
  /** The highest version: new things are made under it. */
  readonly current: number;
  /** @throws Error for an unknown version. */
  key(version: number): Buffer;
}

/** JSON: version → 32 bytes or more in base64url, such as `{"1":"…"}`. */
export const keyRing = json
  .pipe(z.record(z.string().regex(/^[1-9]\d{0,4}$/), secret).refine((keys) => Object.keys(keys).length > 0, 'at least one key'))
  .transform((keys): KeyRing => {
    const byVersion = new Map(Object.entries(keys).map(([version, key]) => [Number(version), key]));
    return {
      current: Math.max(...byVersion.keys()),
      key: (version) => {
        const key = byVersion.get(version);
        if (!key) throw new Error(`No key of version ${version}`);
        return key;
      },
    };
  });

/** What every service reads from its environment. Addresses and secrets have no default: a default hides what is missing. */
export const commonConfig = z.object({
  /** `local` allows the secrets and the plain connections of a development machine. */
  PROFILE: z.enum(['local', 'production']).default('production'),
  /** The durability settings that the servers must have, checked at start-up; `test` checks nothing. */
  DURABILITY_PROFILE: z.enum(['test', 'local', 'production']).default('production'),
  /** postgres://… of this service's own database. */
  DATABASE_URL: z.url(),
  /** Connections at most. */
  DATABASE_POOL: z.coerce.number().int().min(2).default(10),
  /** Comma-separated host:port. */
  KAFKA_BROKERS: z.string().min(1).transform((text) => text.split(',')),
  /** Put before the names of topics and groups: several systems can share a broker. */
  TOPIC_PREFIX: z.string().regex(/^[a-z0-9.-]*$/).default(''),
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535),
  /** As people reach this service, without a trailing slash. */
  PUBLIC_URL: z.url().transform((url) => url.replace(/\/$/, '')),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().min(1).default('cahier'),
  OIDC_JWKS_URL: z.url(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Pause between polls of the outbox when nobody woke the relay, in milliseconds. */
  OUTBOX_POLL_MS: z.coerce.number().int().min(10).default(200),
  /** Signs paging cursors. */
  CURSOR_KEY: secret,
  /** Holds what the replicas share of their limits, and in notification-service the queues. */
  REDIS_URL: z.url(),
  /** Names clients in Redis; one for all replicas of a service. */
  RATE_LIMIT_KEY: secret,
  /** JSON: limits that differ from `LIMITS` of the platform. */
  RATE_LIMITS: limitChanges.default({}),
  /** Multiplies every limit, for a machine on which one address plays everybody. */
  RATE_LIMIT_SCALE: z.coerce.number().positive().default(1),
  /** Tokens that a request costs while Redis is away; as many replicas keep the limit without it. */
  RATE_LIMIT_COST_ALONE: z.coerce.number().min(1).default(4),
  /** The proxies whose X-Forwarded-For is believed, as addresses or CIDR ranges. None: the client is who opened the connection. */
  TRUSTED_PROXIES: addressRanges.default([]),
});
export type CommonConfig = z.output<typeof commonConfig>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the environment once, at start-up. A variable may also stand in a file of its name in the folder SECRETS_FOLDER:
 * what an orchestrator mounts is seen by no other process, unlike an environment.
 * @throws ConfigInvalid with all problems at once.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, given: Environment = process.env): z.output<S> {
  const environment = withFiles(schema, given);
  const parsed = schema.safeParse(environment);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${environment[String(issue.path[0])] === undefined ? 'missing' : safeReason(issue)}`);
  problems.push(...carelessness(schema, environment));
  if (!parsed.success || problems.length > 0) throw new ConfigInvalid(problems);
  return parsed.data;
}

/** @throws ConfigInvalid for a variable that is given twice: nobody could say which one holds. */
function withFiles(schema: z.ZodObject, given: Environment): Environment {
  const folder = given['SECRETS_FOLDER'];
  if (folder === undefined) return given;
  const files = Object.keys(schema.shape).flatMap((name): [string, string][] => {
    const text = textOf(join(folder, name));
    return text === undefined ? [] : [[name, text.trimEnd()]];
  });
  const twice = files.filter(([name]) => given[name] !== undefined).map(([name]) => `${name}: given twice, in the environment and in SECRETS_FOLDER`);
  if (twice.length > 0) throw new ConfigInvalid(twice);
  return { ...given, ...Object.fromEntries(files) };
}

/** undefined: there is no such file. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Why, without the value: only words of ours and names of formats. */
function safeReason(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom' || (issue.code === 'invalid_format' && issue.message !== '')) return `not valid (${issue.code === 'custom' ? issue.message : issue.format})`;
  return `not valid (${issue.code})`;
}

/** What only a development machine may do. Only variables of the schema are looked at. */
function carelessness(schema: z.ZodObject, environment: Environment): string[] {
  if (environment['PROFILE'] === 'local') return [];
  const named = Object.entries(schema.shape).map(([name, field]) => ({ name, value: environment[name] ?? '', isSecret: field === secret || field === keyRing }));
  return [
    ...named.filter(({ value }) => value.startsWith('http:')).map(({ name }) => `${name}: must be https`),
    ...weakSecrets(named.filter(({ isSecret }) => isSecret)),
  ];
}

/** A secret is neither guessable nor used for two purposes. */
function weakSecrets(secrets: readonly { name: string; value: string }[]): string[] {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const { name, value } of secrets) {
    for (const key of (value.match(/[A-Za-z0-9_-]{43,}/g) ?? []).map((text) => Buffer.from(text, 'base64url'))) {
      // 32 random bytes hold about 30 different ones.
      if (new Set(key).size < 16) problems.push(`${name}: too weak`);
      const owner = owners.get(key.toString('hex'));
      if (owner !== undefined) problems.push(`${name}: the same secret as ${owner}`);
      owners.set(key.toString('hex'), name);
    }
  }
  return problems;
}
