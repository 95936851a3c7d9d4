import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stack } from '@cahier/local-stack';
import { startContributionService, type Intake } from '../contribution-service.js';
import { arrive, saturate, stored, type OpenLoop } from '../load.js';
import type { BenchContext, Measured, Part } from '../part.js';
import { startBenchStack } from '../stack.js';
import { median, paired, summary } from '../statistics.js';

/** What people meet who come at half of what the service can take, at twice as much, and when PostgreSQL comes back. */
export const overload: Part = { name: 'overload', run };

/** `none`: the connection did not come about, or was lost: nobody was told anything. */
const HONEST = ['201', '429', '503', 'none'];

async function run({ quick, rounds, say }: BenchContext): Promise<Measured[]> {
  const { stack } = await startBenchStack('redis');
  try {
    const intake = await startContributionService(stack);
    await saturate(intake, quick ? 4 : 8); // until it is compiled
    const half: OpenLoop[] = [];
    const eighty: OpenLoop[] = [];
    const twice: { most: number; goodput: number; loop: OpenLoop }[] = [];
    for (let n = 1; n <= rounds; n++) {
      const most = await saturate(intake, quick ? 2 : 5);
      half.push(await honest(intake, () => arrive(intake, most * 0.5, quick ? 2 : 10)));
      eighty.push(await honest(intake, () => arrive(intake, most * 0.8, quick ? 2 : 10)));
      const loop = await honest(intake, () => arrive(intake, most * 2, quick ? 4 : 60));
      twice.push({ most, goodput: (loop.statuses['201'] ?? 0) / loop.answeredIn, loop });
      say(`round ${n}  most ${most.toFixed(0)}/s  half: p50 ${half.at(-1)!.p50.toFixed(1)} ms, p99 ${half.at(-1)!.p99.toFixed(1)} ms  80 %: p99 ${eighty.at(-1)!.p99.toFixed(1)} ms  twice: ${JSON.stringify(loop.statuses)}, p99 of the accepted ${loop.p99.toFixed(0)} ms`);
    }
    const restarted = await back(intake, () => stack.restart('postgres'));
    const stalled = await back(intake, () => stall(stack, quick ? 3_000 : 10_000));
    say(`PostgreSQL back: first 201 after ${restarted.toFixed(2)} s from a crash, after ${stalled.toFixed(2)} s from a stall`);
    await intake.server.stop();
    await intake.db.end();
    return [
      { goal: 'P7', ...summary(half.map(({ p99 }) => p99)), note: `p50 ${median(half.map(({ p50 }) => p50)).toFixed(1)} ms at ${(median(twice.map(({ most }) => most)) / 2).toFixed(0)}/s` },
      { goal: 'P8', ...summary(twice.map(({ goodput, most }) => goodput / most)), note: `the others 429 or 503 with Retry-After, ${median(twice.map(({ loop }) => loop.statuses['none'] ?? 0))} without a connection` },
      { goal: 'P8t', ...paired(twice.map(({ loop }) => loop), eighty, ({ p99 }) => p99), note: `p99 at 80 % ${median(eighty.map(({ p99 }) => p99)).toFixed(0)} ms, at twice ${median(twice.map(({ loop }) => loop.p99)).toFixed(0)} ms` },
      { goal: 'P19', ...summary([Math.max(restarted, stalled)]), note: `${restarted.toFixed(2)} s after a crash, ${stalled.toFixed(2)} s after a stall` },
    ];
  } finally {
    await stack.stop();
  }
}

/** @throws Error when a reply was none of 201, 429, 503, when a refusal did not say when to come back, or when there are fewer rows than replies 201, or more than with those that got none. */
async function honest(intake: Intake, load: () => Promise<OpenLoop>): Promise<OpenLoop> {
  const before = await stored(intake);
  const loop = await load();
  const rows = (await stored(intake)) - before;
  const others = Object.keys(loop.statuses).filter((status) => !HONEST.includes(status));
  const { 201: accepted = 0, none = 0 } = loop.statuses;
  if (others.length > 0 || loop.withoutRetryAfter > 0 || rows < accepted || rows > accepted + none) throw new Error(`${rows} rows, ${loop.withoutRetryAfter} without Retry-After: ${JSON.stringify(loop.statuses)}`);
  return loop;
}

/** Seconds from the end of the fault to the next contribution that is accepted. */
async function back(intake: Intake, fault: () => Promise<void>): Promise<number> {
  await fault();
  for (const healed = performance.now(); ; await sleep(20)) {
    const reply = await fetch(`${intake.server.url}/campaigns/${intake.campaignId}/contributions`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ kind: 'proposal', targets: [], body: 'Le texte proposé.', language: 'fr', publication: { preference: 'anonymous' } }),
    });
    if (reply.status === 201) return (performance.now() - healed) / 1_000;
    if (reply.status !== 503 || performance.now() - healed > 60_000) throw new Error(`${reply.status} ${await reply.text()}`);
  }
}

/** The main process and its children, as a machine that hangs. */
async function stall({ pids }: Stack<'postgres' | 'redis'>, milliseconds: number): Promise<void> {
  const group = -pids['postgres']!;
  process.kill(group, 'SIGSTOP');
  await sleep(milliseconds);
  process.kill(group, 'SIGCONT');
}
