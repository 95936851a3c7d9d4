import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Stack } from '@cahier/local-stack';
import { startContributionService, type Intake } from '../contribution-service.js';
import { load, machine } from '../machine.js';
import { cpuMs, runProgram, stopServers, type Running } from '../processes.js';
import { startBenchStack } from '../stack.js';
import { median, paired } from '../statistics.js';
import { toMarkdown } from '../table.js';

/**
 * `npm run capacity`: the intake with one, two and three replicas on one PostgreSQL, in turns, under the same closed loop. On a machine
 * with fewer cores than processes the rate says little and the CPU per contribution everything: what a core of each
 * gives follows from it. The figures of docs/capacity.md; every round checks rows stored = replies 201.
 */
const REPLICAS = [1, 2, 3] as const;
/** As many for any number of replicas: the generator weighs the same in every round. */
const GENERATORS = 3;
const CONNECTIONS_EACH = 21;
const WARM_UP_SECONDS = 3;
const DAY_SECONDS = 86_400;

interface Round {
  readonly perSecond: number;
  /** Per contribution, of all replicas and of all of PostgreSQL's processes, in microseconds. */
  readonly replicas: number;
  readonly postgres: number;
  readonly p99: number;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '4' } } });
const { stack } = await startBenchStack('redis');
const loadBefore = load();
try {
  const intake = await startContributionService(stack);
  const replicas = [intake.server];
  while (replicas.length < Math.max(...REPLICAS)) replicas.push(await intake.replicate());
  const results = new Map<number, Round[]>(REPLICAS.map((count) => [count, []]));
  await measure(stack, intake, replicas, WARM_UP_SECONDS);
  for (let n = 1; n <= Number(values.rounds); n++) {
    for (const count of n % 2 ? REPLICAS : REPLICAS.toReversed()) {
      const round = await measure(stack, intake, replicas.slice(0, count), Number(values.seconds));
      results.get(count)!.push(round);
      console.log(`round ${n}  ${count} replicas  ${round.perSecond.toFixed(0)}/s  ${round.replicas.toFixed(0)} + ${round.postgres.toFixed(0)} µs CPU  p99 ${round.p99.toFixed(0)} ms`);
    }
  }
  const perRow = await bytesPerRow(intake);
  await intake.db.end();
  console.log(`\n${report(results, perRow)}`);
} finally {
  await stopServers();
  await stack.stop();
}

async function measure({ pids }: Stack<'postgres' | 'redis'>, { db, campaignId }: Intake, replicas: readonly Running[], seconds: number): Promise<Round> {
  await db.query('CHECKPOINT');
  const count = async (): Promise<number> => Number((await db.query<{ n: string }>('SELECT count(*) AS n FROM contribution')).rows[0]!.n);
  const cpu = (): { replicas: number; postgres: number } => ({ replicas: replicas.reduce((sum, { pid }) => sum + cpuMs(pid), 0), postgres: pids['postgres'] === undefined ? 0 : cpuMs(pids['postgres'], true) });
  const rows = await count();
  const before = cpu();
  const program = fileURLToPath(new URL('../intake/load.program.js', import.meta.url));
  const loads = await Promise.all(Array.from({ length: GENERATORS }, async (_, n) => {
    const { url } = replicas[n % replicas.length]!;
    return JSON.parse(await runProgram(program, [`${url}/campaigns/${campaignId}/contributions`, String(CONNECTIONS_EACH), String(seconds)])) as { seconds: number; statuses: Record<string, number>; p99: number };
  }));
  const after = cpu();
  const created = loads.reduce((sum, { statuses }) => sum + (statuses['201'] ?? 0), 0);
  const stored = (await count()) - rows;
  if (stored !== created || loads.some(({ statuses }) => Object.keys(statuses).length !== 1)) throw new Error(`${stored} rows for ${JSON.stringify(loads.map(({ statuses }) => statuses))}`);
  const each = (ms: number): number => (ms * 1_000) / created;
  return { perSecond: created / Math.max(...loads.map((one) => one.seconds)), replicas: each(after.replicas - before.replicas), postgres: each(after.postgres - before.postgres), p99: Math.max(...loads.map(({ p99 }) => p99)) };
}

/** What a contribution takes on disk with its indexes, and its event in the outbox for as long as Kafka keeps it. */
async function bytesPerRow({ db }: Intake): Promise<{ contribution: number; outbox: number }> {
  const { rows: [size] } = await db.query<{ contribution: number; outbox: number }>(
    `SELECT pg_total_relation_size('contribution')::float8 / (SELECT count(*) FROM contribution) AS contribution, pg_total_relation_size('outbox')::float8 / (SELECT count(*) FROM outbox) AS outbox`,
  );
  return size!;
}

function report(results: ReadonlyMap<number, readonly Round[]>, perRow: { contribution: number; outbox: number }): string {
  const one = results.get(1)!;
  const of = (rounds: readonly Round[], figure: (round: Round) => number): number => median(rounds.map(figure));
  const perCore = (micros: number): string => `${Math.round(1e6 / micros)}/s`;
  const rows = [...results].map(([count, rounds]) => {
    const ratio = paired(rounds, one, (round) => round.perSecond);
    return [
      String(count), `${of(rounds, (round) => round.perSecond).toFixed(0)}/s`, `${ratio.median.toFixed(2)} [${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)}]`, `${of(rounds, (round) => round.p99).toFixed(0)} ms`,
      `${of(rounds, (round) => round.replicas).toFixed(0)} µs`, perCore(of(rounds, (round) => round.replicas)), `${of(rounds, (round) => round.postgres).toFixed(0)} µs`, perCore(of(rounds, (round) => round.postgres)),
    ];
  });
  const here = machine();
  return [
    `${here.cores} × ${here.cpu}, ${here.memoryGib} GiB, Linux ${here.kernel}, Node ${here.node}, PostgreSQL ${here.postgresql}; load average ${loadBefore} before, ${load()} after`, '',
    toMarkdown([['replicas', 'filings', '÷ one replica', 'p99', 'replicas’ CPU per filing', 'a core of replicas', 'PostgreSQL’s CPU per filing', 'a core of PostgreSQL'], ...rows]), '',
    `On disk: ${Math.round(perRow.contribution)} bytes per contribution, ${Math.round(perRow.outbox)} per event in the outbox. A million in a day is ${(1e6 / DAY_SECONDS).toFixed(1)}/s.`,
  ].join('\n');
}
