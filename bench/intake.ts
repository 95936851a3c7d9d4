import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startStack, throwAwayFolder } from '@cahier/local-stack';
import pg from 'pg';
import { cpuMs, runProgram, startServer, type Running } from './processes.js';

/**
 * The intake route against R1 (`reference.program.ts`), in the same run: rounds take turns, so that a busy machine is busy
 * for both. Saturation: closed loop, 64 connections from a process of its own. PostgreSQL syncs to the disk, the broker is
 * away. Every round is also a check: rows stored = replies 201.
 */
const { values: options } = parseArgs({ options: {
  rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '5' }, warm: { type: 'string', default: '8' }, connections: { type: 'string', default: '64' }, json: { type: 'boolean', default: false },
} });

interface Contender {
  readonly name: string;
  readonly server: Running;
  readonly db: pg.Client;
  readonly campaignId: string;
}

interface Round {
  readonly perSecond: number;
  /** Per contribution, of the server's process and of all of PostgreSQL's, in microseconds. */
  readonly cpu: { readonly server: number; readonly postgres: number };
  readonly statements: number;
  readonly syncs: number;
  readonly p50: number;
  readonly p99: number;
}

const programs = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const say = (line: string): void => { if (!options.json) console.log(line); };

const stack = await startStack({ parts: ['postgres', 'redis'], folder: await throwAwayFolder('bench'), throwAway: true, log: say });
try {
  const contenders = [await reference(), await service()];
  const results = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  // Until the compiler has seen enough of both: it halves the time per request.
  for (const contender of contenders) await round(contender, Number(options.warm));
  for (let n = 1; n <= Number(options.rounds); n++) {
    for (const contender of n % 2 ? contenders : contenders.toReversed()) {
      const result = await round(contender, Number(options.seconds));
      results.get(contender.name)!.push(result);
      say(`round ${n}  ${contender.name.padEnd(8)} ${row(result)}`);
    }
  }
  report(results);
  for (const { server, db } of contenders) {
    await server.stop();
    await db.end();
  }
} finally {
  await stack.stop();
}

async function database(name: string): Promise<{ url: string; db: pg.Client }> {
  const admin = new pg.Client({ connectionString: stack.postgres.adminUrl });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = new URL(stack.postgres.adminUrl);
  url.pathname = `/${name}`;
  const db = new pg.Client({ connectionString: url.href });
  await db.connect();
  await db.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  return { url: url.href, db };
}

async function reference(): Promise<Contender> {
  const { url, db } = await database('reference');
  return { name: 'R1', server: await startServer(programs('./reference.program.js'), { DATABASE_URL: url }), db, campaignId: randomUUID() };
}

async function service(): Promise<Contender> {
  const { url, db } = await database('contribution');
  const ring = (): string => JSON.stringify({ 1: randomBytes(32).toString('base64url') });
  const env = {
    PROFILE: 'local', DURABILITY_PROFILE: 'local', DATABASE_URL: url, KAFKA_BROKERS: '127.0.0.1:9', PUBLIC_URL: 'http://127.0.0.1', OIDC_ISSUER: 'http://127.0.0.1:9', OIDC_JWKS_URL: 'http://127.0.0.1:9',
    LOG_LEVEL: 'error', CURSOR_KEY: randomBytes(32).toString('base64url'), REDIS_URL: stack.redis.url, RATE_LIMIT_KEY: randomBytes(32).toString('base64url'), RATE_LIMIT_SCALE: '10000', BODY_KEYS: ring(), TOKEN_KEYS: ring(), PARTICIPANT_KEYS: ring(),
    CONTACT_SEALING_PUBLIC_JWK: JSON.stringify(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })),
  };
  const app = '../../apps/contribution-service/dist';
  await runProgram(programs(`${app}/migrate.js`), [], env);
  const campaignId = randomUUID();
  await db.query(
    `INSERT INTO campaign_window (campaign_id, version, state, accepting, opens_at, closes_at, title, responsible_service, participant_key)
     VALUES ($1, 1, 'open', true, now() - interval '1 day', now() + interval '1 day', '{"fr":"Essai","en":"Trial"}', $2, 1)`,
    [campaignId, { name: { fr: 'Service', en: 'Service' }, email: 'service@example.org', postalAddress: '1 rue de la Paix, 75002 Paris', telephone: '+33 1 99 00 00 00' }],
  );
  return { name: 'service', server: await startServer(programs(`${app}/main.js`), env), db, campaignId };
}

async function round({ name, server, db, campaignId }: Contender, seconds: number): Promise<Round> {
  await db.query('CHECKPOINT');
  const count = async (): Promise<number> => Number((await db.query<{ n: string }>('SELECT count(*) AS n FROM contribution')).rows[0]!.n);
  const before = { rows: await count(), syncs: await syncs(db), cpu: cpu(server) };
  await db.query('SELECT pg_stat_statements_reset()');
  const printed = await runProgram(programs('./load.program.js'), [`${server.url}/campaigns/${campaignId}/contributions`, options.connections, String(seconds)]);
  const load = JSON.parse(printed) as { seconds: number; statuses: Record<string, number>; p50: number; p99: number };
  const { rows: [statements] } = await db.query<{ calls: string }>(
    `SELECT sum(calls) AS calls FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%'`,
  );
  const after = cpu(server);
  const synced = (await syncs(db)) - before.syncs;
  const created = load.statuses['201'] ?? 0;
  const stored = (await count()) - before.rows;
  if (stored !== created || Object.keys(load.statuses).length !== 1) throw new Error(`${name}: ${stored} rows for ${JSON.stringify(load.statuses)}`);
  return { perSecond: created / load.seconds, cpu: { server: ((after.server - before.cpu.server) * 1_000) / created, postgres: ((after.postgres - before.cpu.postgres) * 1_000) / created }, statements: Number(statements!.calls) / created, syncs: synced / created, p50: load.p50, p99: load.p99 };
}

/** So far, in milliseconds. */
function cpu(server: Running): Round['cpu'] {
  const postgres = stack.pids['postgres'];
  return { server: cpuMs(server.pid), postgres: postgres === undefined ? 0 : cpuMs(postgres, true) };
}

async function syncs(db: pg.Client): Promise<number> {
  const { rows } = await db.query<{ n: string }>(`SELECT coalesce(sum(fsyncs), 0) AS n FROM pg_stat_io WHERE object = 'wal'`);
  return Number(rows[0]!.n);
}

function row(r: Round): string {
  return `${r.perSecond.toFixed(0).padStart(6)} /s  ${r.cpu.server.toFixed(0).padStart(4)} + ${r.cpu.postgres.toFixed(0)} µs CPU  ${r.statements.toFixed(3)} statements  ${r.syncs.toFixed(3)} syncs  p50 ${r.p50.toFixed(1)} ms  p99 ${r.p99.toFixed(1)} ms`;
}

function report(results: ReadonlyMap<string, readonly Round[]>): void {
  const [r1, mine] = [...results.values()] as [Round[], Round[]];
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const ratio = (of: (round: Round) => number): { median: number; min: number; max: number } => {
    const paired = mine.map((round, n) => of(round) / of(r1[n]!));
    return { median: median(paired), min: Math.min(...paired), max: Math.max(...paired) };
  };
  const summary = {
    throughput: ratio(({ perSecond }) => perSecond), cpu: ratio((round) => round.cpu.server + round.cpu.postgres),
    statementsPerContribution: median(mine.map(({ statements }) => statements)), syncsPerContribution: median(mine.map(({ syncs }) => syncs)),
  };
  if (options.json) console.log(JSON.stringify({ ...summary, rounds: Object.fromEntries(results) }));
  const line = (name: string, { median, min, max }: { median: number; min: number; max: number }, floor: string) => `${name.padEnd(34)} ${median.toFixed(2)}  [${min.toFixed(2)}–${max.toFixed(2)}]  ${floor}`;
  say(`\n${line('P1 throughput, service ÷ R1', summary.throughput, '≥ 1.0')}`);
  say(line('P4 CPU per contribution, ÷ R1', summary.cpu, '≤ 1.0'));
  say(`P5 WAL syncs per contribution      ${summary.syncsPerContribution.toFixed(3)}  ≤ 0.15`);
  say(`P6 statements per contribution     ${summary.statementsPerContribution.toFixed(3)}  ≤ 0.25`);
}
