import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ContributionFacts, eventId } from '@cahier/contracts';
import { startServices, type Service } from '@cahier/local-stack';
import pg from 'pg';
import { startContributionService } from '../contribution-service.js';
import { createDatabase } from '../database.js';
import { saturate } from '../load.js';
import type { BenchContext, Measured, Part } from '../part.js';
import { runProgram } from '../processes.js';
import { sampleOf } from '../samples.js';
import { startBenchStack } from '../stack.js';
import { median, paired, summary, type Summary } from '../statistics.js';

/**
 * From a commit in contribution-service to the row in reporting-service: how late at a usual pace, and how fast when a backlog
 * has gathered. Every round is also a check: as many rows projected as facts told.
 */
export const projection: Part = { name: 'projection', run };

async function run({ quick, rounds, say }: BenchContext): Promise<Measured[]> {
  const backlog = quick ? 5_000 : 50_000;
  const { stack, folder } = await startBenchStack('kafka', 'redis', 'mail', 'oidc');
  try {
    const services = await startServices(stack, { only: ['contribution-service', 'reporting-service'], logFolder: join(folder, 'logs'), env: { 'contribution-service': { LOG_LEVEL: 'error' }, 'reporting-service': { LOG_LEVEL: 'error' } } });
    const { 'contribution-service': teller, 'reporting-service': hearer } = services;
    const [told, heard] = [await connect(teller), await connect(hearer)];

    // Alone and without a broker, as the intake part measures it.
    const alone = await startContributionService(stack, 'intake_alone');
    await saturate(alone, quick ? 3 : 6);
    const most = await saturate(alone, quick ? 2 : 5);
    await alone.server.stop();
    await alone.db.end();

    const lags = await measureLag(told, heard, most / 2, quick ? 3 : 20);
    say(`at ${(most / 2).toFixed(0)}/s: to Kafka p99 ${lags.kafka.toFixed(0)} ms, to the projection p99 ${lags.projection.toFixed(0)} ms`);

    const drained: { relay: number; projection: number; oneByOne: number }[] = [];
    for (let n = 1; n <= rounds; n++) {
      await hearer.stop();
      const relay = await drain(() => tell(told, backlog), () => count(told, 'SELECT count(*) AS n FROM outbox WHERE published_at IS NULL'), (left) => left === 0, backlog);
      const before = await count(heard, 'SELECT count(*) AS n FROM contribution');
      await hearer.restart();
      const projected = await drain(() => Promise.resolve(), () => count(heard, 'SELECT count(*) AS n FROM contribution'), (rows) => rows === before + backlog, backlog);
      drained.push({ relay, projection: projected, oneByOne: await oneByOne(stack.postgres.adminUrl, `one_by_one_${n}`, quick ? 1_500 : 5_000) });
      const { oneByOne: single } = drained.at(-1)!;
      say(`round ${n}  relay ${relay.toFixed(0)}/s, projection ${projected.toFixed(0)}/s, one event per transaction ${single.toFixed(0)}/s`);
    }
    await told.end();
    await heard.end();
    const slower: Summary = summary(drained.map((round) => Math.min(round.relay, round.projection) / most));
    return [
      { goal: 'P10', ...summary([lags.projection]), note: `commit to Kafka p99 ${lags.kafka.toFixed(0)} ms, at ${(most / 2).toFixed(0)}/s` },
      { goal: 'P11', ...slower, note: `the slower of relay ${median(drained.map(({ relay }) => relay)).toFixed(0)}/s and projection ${median(drained.map((round) => round.projection)).toFixed(0)}/s; intake ${most.toFixed(0)}/s` },
      { goal: 'P12', ...paired(drained.map((round) => round.projection), drained.map((round) => round.oneByOne), (rate) => rate), note: `one event per transaction ${median(drained.map((round) => round.oneByOne)).toFixed(0)}/s, with its events in memory` },
    ];
  } finally {
    await stack.stop();
  }
}

async function connect({ env }: Service): Promise<pg.Client> {
  const db = new pg.Client({ connectionString: env['DATABASE_URL'] });
  db.on('error', () => undefined);
  await db.connect();
  return db;
}

const count = async (db: pg.Client, sql: string): Promise<number> => Number((await db.query<{ n: string }>(sql)).rows[0]!.n);

/** Facts as the intake writes them, of contributions that nobody filed: what follows is what is measured. @returns their ids. */
async function tell(db: pg.Client, facts: number): Promise<void> {
  const { data, ...envelope } = sampleOf<ContributionFacts>('contribution.submitted.v1');
  const rows = Array.from({ length: facts }, () => {
    const contributionId = randomUUID();
    const id = eventId('contribution.submitted.v1', contributionId, 1);
    return { id, key: contributionId, envelope: JSON.stringify({ ...envelope, id, subject: contributionId, data: { ...data, contributionId } }) };
  });
  await db.query(
    `INSERT INTO outbox (id, topic, key, envelope) SELECT id, 'contribution.events', key, envelope FROM json_to_recordset($1) AS r (id uuid, key text, envelope text)`,
    [JSON.stringify(rows)],
  );
}

/** @returns events per second from when `begin` is done until `look` says that all are through. */
async function drain(begin: () => Promise<void>, look: () => Promise<number>, done: (seen: number) => boolean, events: number): Promise<number> {
  await begin();
  for (const started = performance.now(); ; await sleep(5)) {
    if (done(await look())) return events / ((performance.now() - started) / 1_000);
    if (performance.now() - started > 120_000) throw new Error('A backlog was not worked off');
  }
}

/** p99 in milliseconds at so many facts a second, each its own commit; both databases are on one server, and so is their clock. */
async function measureLag(told: pg.Client, heard: pg.Client, perSecond: number, seconds: number): Promise<{ kafka: number; projection: number }> {
  const from = await count(told, 'SELECT coalesce(max(position), 0) AS n FROM outbox');
  for (let tick = 0, start = performance.now(); tick < seconds * 50; tick++) {
    await sleep(Math.max(0, start + tick * 20 - performance.now()));
    await tell(told, Math.round(perSecond / 50));
  }
  await sleep(3_000);
  const { rows: published } = await told.query<{ id: string; created: number; published: number }>('SELECT id, extract(epoch FROM created_at) * 1000 AS created, extract(epoch FROM published_at) * 1000 AS published FROM outbox WHERE position > $1', [from]);
  const { rows: received } = await heard.query<{ event_id: string; at: number }>('SELECT event_id, extract(epoch FROM received_at) * 1000 AS at FROM inbox');
  const at = new Map(received.map((row) => [row.event_id, Number(row.at)]));
  if (published.some(({ id, published: when }) => when === null || !at.has(id))) throw new Error('An event did not arrive within three seconds');
  const p99 = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!;
  return { kafka: p99(published.map((row) => Number(row.published) - Number(row.created))), projection: p99(published.map((row) => at.get(row.id)! - Number(row.created))) };
}

/** @returns events per second. */
async function oneByOne(adminUrl: string, name: string, events: number): Promise<number> {
  const { url, db } = await createDatabase(adminUrl, name);
  await db.end();
  const reporting = '../../../apps/reporting-service/dist';
  await runProgram(fileURLToPath(new URL(`${reporting}/migrate.js`, import.meta.url)), [], { DATABASE_URL: url });
  const { rowOf, UPSERT_CONTRIBUTIONS } = (await import(`${reporting}/projections/upsert-contributions.statement.js`)) as { rowOf: (facts: ContributionFacts, version: number) => object; UPSERT_CONTRIBUTIONS: string };
  const { data } = sampleOf<ContributionFacts>('contribution.submitted.v1');
  const child = fork(fileURLToPath(new URL('./one-by-one.program.js', import.meta.url)));
  child.send({ databaseUrl: url, statement: UPSERT_CONTRIBUTIONS, events: Array.from({ length: events }, () => ({ id: randomUUID(), row: rowOf({ ...data, contributionId: randomUUID() }, 1) })) });
  const [seconds] = (await once(child, 'message')) as [number];
  child.kill('SIGKILL'); // not left to end by itself (report-maker.ts)
  return events / seconds;
}
