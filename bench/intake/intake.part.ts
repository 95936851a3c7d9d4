import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Stack } from '@cahier/local-stack';
import type pg from 'pg';
import { startContributionService } from '../contribution-service.js';
import { createDatabase } from '../database.js';
import type { BenchContext, Measured, Part } from '../part.js';
import { cpuMs, runProgram, startServer, type Running } from '../processes.js';
import { startBenchStack } from '../stack.js';
import { median, paired, summary } from '../statistics.js';

/**
 * The intake route against three references, in the same run: rounds take turns, so that a busy machine is busy for all.
 * Saturation: closed loop, 64 connections from a process of its own on the other core. PostgreSQL syncs to the disk.
 * Every round is also a check: rows stored = replies 201, and there is no other reply.
 */
export const intake: Part = { name: 'intake', run };

interface Contender {
  readonly server: Running;
  readonly db: pg.Client;
  readonly campaignId: string;
}

interface Round {
  readonly perSecond: number;
  /** Per contribution, of the server's process and of all of PostgreSQL's, in microseconds. */
  readonly server: number;
  readonly postgres: number;
  readonly statements: number;
  readonly syncs: number;
  readonly p50: number;
  readonly p99: number;
}

const CONNECTIONS = 64;
const NAMES = ['R0', 'R1', 'R2', 'service'] as const;
type Name = (typeof NAMES)[number];

async function run({ quick, rounds, say }: BenchContext): Promise<Measured[]> {
  const seconds = quick ? 1.5 : 5;
  const { stack } = await startBenchStack('redis');
  try {
    const contenders: Record<Name, Contender> = { R0: await reference(stack, 'R0'), R1: await reference(stack, 'R1'), R2: await reference(stack, 'R2'), service: await startContributionService(stack) };
    const results: Record<Name, Round[]> = { R0: [], R1: [], R2: [], service: [] };
    // Until the compiler has seen enough of each: it halves the time per request.
    for (const name of NAMES) await round(stack, contenders[name], quick ? 2 : 8);
    for (let n = 1; n <= rounds; n++) {
      for (const name of n % 2 ? NAMES : NAMES.toReversed()) {
        const result = await round(stack, contenders[name], seconds);
        results[name].push(result);
        say(`round ${n}  ${name.padEnd(8)} ${row(result)}`);
      }
    }
    for (const { server, db } of Object.values(contenders)) {
      await server.stop();
      await db.end();
    }
    return measured(results);
  } finally {
    await stack.stop();
  }
}

function measured({ R0, R1, R2, service }: Record<Name, Round[]>): Measured[] {
  const perSecond = (of: Round[]): string => `${median(of.map((round) => round.perSecond)).toFixed(0)}/s`;
  const cpu = ({ server, postgres }: Round): number => server + postgres;
  const cpuOf = (of: Round[]): string => `${median(of.map(({ server }) => server)).toFixed(0)} + ${median(of.map(({ postgres }) => postgres)).toFixed(0)} µs`;
  return [
    { goal: 'P1', ...paired(service, R1, (round) => round.perSecond), note: `service ${perSecond(service)}, R1 ${perSecond(R1)}` },
    { goal: 'P2', ...paired(service, R2, (round) => round.perSecond), note: `R2 ${perSecond(R2)}` },
    { goal: 'P3', ...paired(service, R0, (round) => round.perSecond), note: `R0 ${perSecond(R0)}` },
    { goal: 'P4', ...paired(service, R1, cpu), note: `server + PostgreSQL: service ${cpuOf(service)}, R1 ${cpuOf(R1)}, R2 ${cpuOf(R2)}, R0 ${cpuOf(R0)}` },
    { goal: 'P5', ...summary(service.map(({ syncs }) => syncs)), note: `R1 ${median(R1.map(({ syncs }) => syncs)).toFixed(2)}` },
    { goal: 'P6', ...summary(service.map(({ statements }) => statements)), note: `R1 ${median(R1.map(({ statements }) => statements)).toFixed(2)}` },
  ];
}

async function reference(stack: Stack<'postgres'>, name: 'R0' | 'R1' | 'R2'): Promise<Contender> {
  const { url, db } = await createDatabase(stack.postgres.adminUrl, name.toLowerCase());
  const program = fileURLToPath(new URL(`./${name.toLowerCase()}.program.js`, import.meta.url));
  return { server: await startServer(program, { DATABASE_URL: url }), db, campaignId: randomUUID() };
}

async function round(stack: Stack<'postgres'>, { server, db, campaignId }: Contender, seconds: number): Promise<Round> {
  await db.query('CHECKPOINT');
  const count = async (): Promise<number> => Number((await db.query<{ n: string }>('SELECT count(*) AS n FROM contribution')).rows[0]!.n);
  const before = { rows: await count(), syncs: await syncs(db), cpu: cpu(stack, server) };
  await db.query('SELECT pg_stat_statements_reset()');
  const printed = await runProgram(fileURLToPath(new URL('./load.program.js', import.meta.url)), [`${server.url}/campaigns/${campaignId}/contributions`, String(CONNECTIONS), String(seconds)]);
  const load = JSON.parse(printed) as { seconds: number; statuses: Record<string, number>; p50: number; p99: number };
  const { rows: [statements] } = await db.query<{ calls: string }>(
    `SELECT sum(calls) AS calls FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query NOT LIKE '%pg_stat_statements%'`,
  );
  const after = cpu(stack, server);
  const synced = (await syncs(db)) - before.syncs;
  const created = load.statuses['201'] ?? 0;
  const stored = (await count()) - before.rows;
  if (stored !== created || Object.keys(load.statuses).length !== 1) throw new Error(`${stored} rows for ${JSON.stringify(load.statuses)}`);
  const each = (ms: number): number => (ms * 1_000) / created;
  return { perSecond: created / load.seconds, server: each(after.server - before.cpu.server), postgres: each(after.postgres - before.cpu.postgres), statements: Number(statements!.calls) / created, syncs: synced / created, p50: load.p50, p99: load.p99 };
}

/** So far, in milliseconds. */
function cpu(stack: Stack<'postgres'>, server: Running): { server: number; postgres: number } {
  const postgres = stack.pids['postgres'];
  return { server: cpuMs(server.pid), postgres: postgres === undefined ? 0 : cpuMs(postgres, true) };
}

async function syncs(db: pg.Client): Promise<number> {
  const { rows } = await db.query<{ n: string }>(`SELECT coalesce(sum(fsyncs), 0) AS n FROM pg_stat_io WHERE object = 'wal'`);
  return Number(rows[0]!.n);
}

function row(r: Round): string {
  return `${r.perSecond.toFixed(0).padStart(6)} /s  ${r.server.toFixed(0).padStart(5)} + ${r.postgres.toFixed(0).padStart(4)} µs CPU  ${r.statements.toFixed(3)} statements  ${r.syncs.toFixed(3)} syncs  p50 ${r.p50.toFixed(1)} ms  p99 ${r.p99.toFixed(1)} ms`;
}
