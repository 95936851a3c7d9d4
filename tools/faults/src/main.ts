import { StackProblem } from '@cahier/local-stack';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killLoop, REQUESTS_PER_ROUND } from './mixture/kill-loop.js';
import { mixture } from './mixture/mixture.js';
import { type Options, readOptions } from './options.js';
import type { Scenario } from './scenario.js';
import { scenarios } from './scenarios/all.js';
import { detailsOf, isWell, table } from './table.js';
import { type Result, runScenario } from './world/run-scenario.js';
import { World } from './world/world.js';

const MIXTURE_SECONDS = 60;

/** What was asked for. @throws Error for a name that no scenario has. */
function chosen({ ids, minutes, killLoop: requests, seed }: Options): readonly Scenario<World>[] {
  const say = (line: string): void => console.log(`     ${line}`);
  if (minutes !== undefined) return rounds(minutes * 60, MIXTURE_SECONDS, (seconds, n) => mixture({ seed: seed + n, seconds }, say));
  if (requests !== undefined) return rounds(requests, REQUESTS_PER_ROUND, (some, n) => killLoop(seed + n, some, say));
  if (ids.length === 0) return scenarios;
  return ids.map((id) => {
    const one = scenarios.find((scenario) => scenario.id.toUpperCase() === id);
    if (!one) throw new Error(`There is no scenario ${id}. --list names them.`);
    return one;
  });
}

/** Long runs are made of rounds with a campaign each, so that closing, seal and report come under fire again and again. */
function rounds(total: number, most: number, round: (size: number, n: number) => Scenario<World>): Scenario<World>[] {
  return Array.from({ length: Math.ceil(total / most) }, (_, n) => round(Math.min(most, total - n * most), n));
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), () => randomInt(2 ** 31));
  if (options.list) {
    for (const { id, title, invariants } of scenarios) console.log(`${id.padEnd(4)} ${title} (${invariants.join(', ')})`);
    return 0;
  }
  const todo = chosen(options);
  const folder = mkdtempSync(join(tmpdir(), 'cahier-faults-'));
  console.log(`Seed ${options.seed}.`);
  const results: Result[] = [];
  let world: World | undefined;
  let servers: Scenario<World>['durability'];
  const stopped = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(`Interrupted by ${signal}.`)));
  });
  try {
    for (const scenario of todo) {
      const { durability = 'local' } = scenario;
      if (world && servers !== durability) {
        await world.close();
        world = undefined;
      }
      world ??= await World.open(folder, (line) => console.log(line), (servers = durability));
      const result = await Promise.race([runScenario(world, scenario, `${scenario.id.toLowerCase()}-${results.length + 1}`), stopped]);
      results.push(result);
      console.log(`${result.id.padEnd(4)} ${result.title}: ${result.skipped ?? (isWell(result) ? 'holds' : 'DOES NOT HOLD')} (${result.accepted} of ${result.filings} accepted, ${result.retries} sent again, ${Math.round(result.seconds)} s)`);
      for (const line of detailsOf(result)) console.log(`     ${line}`);
      if (!isWell(result)) {
        // What it has left behind is not the fault of the next one.
        await world.close();
        world = undefined;
      }
    }
  } finally {
    await world?.close();
    const well = results.length === todo.length && results.every(isWell);
    if (results.length > 0) console.log(`\nSeed ${options.seed}\n${table(results)}`);
    if (well) rmSync(folder, { recursive: true, force: true });
    else console.log(`Histories and logs: ${folder}`);
  }
  return results.every(isWell) ? 0 : 1;
}

main().then(
  // What a scenario's worst has left open (a socket that nobody answers) does not hold the command.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof StackProblem || error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
