import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServices } from '@cahier/local-stack';
import pg from 'pg';
import { startContributionService, type Intake } from '../contribution-service.js';
import { createDatabase } from '../database.js';
import { saturate } from '../load.js';
import { knowCampaign, launch, Sink } from '../mail/mail.part.js';
import type { BenchContext, Measured, Part } from '../part.js';
import { runProgram, weigh } from '../processes.js';
import { fill, makeReport } from '../report/report.part.js';
import { startBenchStack } from '../stack.js';
import { median, paired } from '../statistics.js';

/** Of reporting-service and notification-service in docker-compose.yml, and their part of what Kubernetes is asked for (compose.spec.ts, manifests.spec.ts). */
const BACKGROUND_SHARES = 102;

/**
 * What the public loses while staff have a report made and a launch is mailed, all at once on this machine and its one PostgreSQL;
 * against intake alone, in turns. Every round is also a check: rows stored = replies 201 (`saturate`), rows in the report's files =
 * rows in the table (`makeReport`), and mails did leave.
 */
export const together: Part = { name: 'together', run };

async function run({ quick, rounds, say }: BenchContext): Promise<Measured[]> {
  const [seconds, rows, mails] = quick ? [3, 10_000, 10_000] : [20, 300_000, 200_000];
  const scratch = mkdtempSync(join(tmpdir(), 'cahier-bench-together-'));
  const { stack, folder } = await startBenchStack('kafka', 'redis', 'mail', 'oidc');
  const sink = await Sink.start();
  try {
    const { 'notification-service': mailer } = await startServices(stack, { only: ['notification-service'], logFolder: join(folder, 'logs'), env: { 'notification-service': { SMTP_URL: sink.url, LOG_LEVEL: 'error' } } });
    weigh(mailer.pid, BACKGROUND_SHARES);
    const mailDb = new pg.Client({ connectionString: mailer.env['DATABASE_URL'] });
    // A part that fails stops its servers first: what it failed of is to be told, and what else runs is stopped.
    mailDb.on('error', () => undefined);
    await mailDb.connect();
    const launched = await knowCampaign(mailDb);
    const reporting = await createDatabase(stack.postgres.adminUrl, 'bench_reporting');
    await runProgram(fileURLToPath(new URL('../../../apps/reporting-service/dist/migrate.js', import.meta.url)), [], { DATABASE_URL: reporting.url });
    const reported = await fill(reporting.db, rows);
    const intake = await startContributionService(stack, 'bench_contribution');
    await saturate(intake, quick ? 4 : 8); // until it is compiled

    const rates = { alone: [] as number[], together: [] as number[] };
    let reports = 0;
    for (let n = 1; n <= rounds; n++) {
      await mailer.kill('SIGSTOP'); // what is left of a launch waits
      rates.alone.push(await saturate(intake, seconds));
      await launch(mailDb, launched, mails);
      const before = (await sink.count()).mails;
      await mailer.kill('SIGCONT');
      const { perSecond, made } = await whileMaking(() => saturate(intake, seconds), () => makeReport(scratch, reporting.url, reported, rows, BACKGROUND_SHARES));
      const sent = (await sink.count()).mails - before;
      if (sent === 0) throw new Error('No mail left meanwhile');
      rates.together.push(perSecond);
      reports += made;
      say(`round ${n}  alone ${rates.alone.at(-1)!.toFixed(0)}/s; together ${perSecond.toFixed(0)}/s, with ${made} reports of ${rows} and ${sent} mails`);
    }
    await end(intake, mailDb, reporting.db);
    return [{ goal: 'P18', ...paired(rates.together, rates.alone, (rate) => rate), note: `alone ${median(rates.alone).toFixed(0)}/s, together ${median(rates.together).toFixed(0)}/s beside ${reports} reports of ${rows} contributions and launches to ${mails}` }];
  } finally {
    sink.stop();
    await stack.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** One report after another from before the load begins until it has ended. */
async function whileMaking(load: () => Promise<number>, makeOne: () => Promise<unknown>): Promise<{ perSecond: number; made: number }> {
  let ended = false;
  let made = 0;
  const making = (async () => {
    while (!ended) {
      await makeOne();
      made++;
    }
  })();
  const loading = load().finally(() => { ended = true; });
  await Promise.all([making, loading]);
  return { perSecond: await loading, made };
}

async function end(intake: Intake, ...clients: readonly pg.Client[]): Promise<void> {
  await intake.server.stop();
  await intake.db.end();
  for (const client of clients) await client.end();
}
