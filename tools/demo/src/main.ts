import { join, resolve } from 'node:path';
import { checkAll, checkVisible } from './checks/all.js';
import { holds } from './checks/check.js';
import { collect, collectFromOutside } from './evidence/collect.js';
import { openDeployment } from './deployment.js';
import { interrupted, Interrupted } from './interrupted.js';
import { type Options, readOptions } from './options.js';
import { play } from './play.js';
import { resultOf, type Result } from './result.js';
import { sampleFilings } from './samples/samples.js';
import { lookAround } from './screen/look-around.js';
import { type Screen, screenOn, silent } from './screen/screen.js';
import { summary } from './screen/summary.js';
import { openStage, runFolder } from './stage.js';

/** `npm run demo`: a real consultation through the whole system, every figure checked against every other. */
async function demo(args: readonly string[]): Promise<boolean> {
  const start = performance.now();
  const options = readOptions(args);
  const { seconds, keep, json, against } = options;
  const screen = json ? silent : screenOn(process.stdout);
  const folder = runFolder(resolve(import.meta.dirname, '..', '..', '..', '.cahier'));
  const stop = interrupted();
  if (against) return Promise.race([playAgainst(against, options, folder, screen, start), stop]);

  const stage = await openStage({ logFolder: join(folder, 'logs'), log: (line) => screen.say(line) });
  try {
    const story = async (): Promise<boolean> => {
      const played = await play(stage, { filings: await sampleFilings(), seconds, screen });
      const evidence = await collect(stage, played, join(folder, 'report'), screen);
      const checks = checkAll(evidence);
      tell(resultOf({ played, evidence, checks, logs: [`${folder}/logs`], seconds: (performance.now() - start) / 1_000 }), json, screen);
      return checks.every(holds);
    };
    const ok = await Promise.race([story(), stop]);
    if (keep) {
      screen.say(lookAround(stage));
      await untilInterrupted(stop);
    }
    return ok;
  } finally {
    screen.say('Stopping …');
    await stage.close();
  }
}

/** The same story in a system that runs already; it stays as it is, with one campaign more. */
async function playAgainst(place: NonNullable<Options['against']>, { seconds, noticeMs, json }: Options, folder: string, screen: Screen, start: number): Promise<boolean> {
  const deployment = await openDeployment({ ...place, token: process.env['CAHIER_TOKEN'] });
  try {
    const opensInMs = Math.max(8_000, noticeMs + 6_000);
    const played = await play(deployment, { filings: await sampleFilings(), seconds, screen, opensInMs, quietMs: Math.max(4_000, noticeMs + 2_000), noticeMs, mark: `d${Date.now().toString(36)}` });
    const evidence = await collectFromOutside(deployment, played, join(folder, 'report'), screen);
    const checks = checkVisible(evidence);
    tell(resultOf({ played, evidence, checks, seconds: (performance.now() - start) / 1_000 }), json, screen);
    return checks.every(holds);
  } finally {
    deployment.close();
  }
}

function tell(result: Result, json: boolean, screen: Screen): void {
  if (json) console.log(JSON.stringify(result, undefined, 2));
  else screen.say(`\n${summary(result.checks)}\n\n${result.remarks.map((line) => `  ${line}`).join('\n')}`);
}

/** A signal alone keeps no process alive. */
async function untilInterrupted(stop: Promise<never>): Promise<void> {
  const alive = setInterval(() => undefined, 60_000);
  await stop.catch(() => clearInterval(alive));
}

async function exitCode(): Promise<number> {
  try {
    return (await demo(process.argv.slice(2))) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Interrupted ? error.message : error);
    return error instanceof Interrupted ? 130 : 1;
  }
}

// A story that broke off has requests under way that nobody waits for any more.
process.exit(await exitCode());
