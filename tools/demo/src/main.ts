import { join, resolve } from 'node:path';
import { checkAll } from './checks/all.js';
import { holds } from './checks/check.js';
import { collect } from './evidence/collect.js';
import { interrupted, Interrupted } from './interrupted.js';
import { readOptions } from './options.js';
import { play } from './play.js';
import { resultOf } from './result.js';
import { sampleFilings } from './samples/samples.js';
import { lookAround } from './screen/look-around.js';
import { screenOn, silent } from './screen/screen.js';
import { summary } from './screen/summary.js';
import { openStage, runFolder } from './stage.js';

/** `npm run demo`: a real consultation through the whole system, every figure checked against every other. */
async function demo(args: readonly string[]): Promise<boolean> {
  const start = performance.now();
  const { seconds, keep, json } = readOptions(args);
  const screen = json ? silent : screenOn(process.stdout);
  const folder = runFolder(resolve(import.meta.dirname, '..', '..', '..', '.cahier'));
  const stop = interrupted();

  const stage = await openStage({ logFolder: join(folder, 'logs'), log: (line) => screen.say(line) });
  try {
    const story = async (): Promise<boolean> => {
      const played = await play(stage, { filings: await sampleFilings(), seconds, screen });
      const evidence = await collect(stage, played, join(folder, 'report'), screen);
      const checks = checkAll(evidence);
      const result = resultOf({ played, evidence, checks, folder, seconds: (performance.now() - start) / 1_000 });
      if (json) console.log(JSON.stringify(result, undefined, 2));
      else screen.say(`\n${summary(checks)}\n\n${result.remarks.map((line) => `  ${line}`).join('\n')}`);
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
