import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { createDatabase } from '../database.js';
import type { BenchContext, Measured, Part } from '../part.js';
import { runProgram, weigh } from '../processes.js';
import { startBenchStack } from '../stack.js';
import { median, paired, summary } from '../statistics.js';

/**
 * One table of a report, and a whole one (three tables, figures, pages), of so many and of ten times as many contributions,
 * each in a process like the service's: peak memory must not follow the number of rows. Beside them, in turns, COPY of the same
 * rows to a file, the least that an export can cost. Every run is also a check: rows in the files = rows in the table.
 */
export const report: Part = { name: 'report', run };

interface Run {
  readonly seconds: number;
  /** Of the process, in MiB: VmHWM (proc(5)). */
  readonly peakMib: number;
}

const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

async function run({ quick, rounds, say }: BenchContext): Promise<Measured[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'cahier-bench-report-'));
  const { stack } = await startBenchStack();
  try {
    const { url, db } = await createDatabase(stack.postgres.adminUrl, 'reporting');
    await runProgram(program('../../../apps/reporting-service/dist/migrate.js'), [], { DATABASE_URL: url });
    const [few, many] = await sizes(quick ? [3_000, 30_000] : [100_000, 1_000_000], async (rows) => {
      const campaignId = await fill(db, rows);
      const reports: Run[] = [];
      const tables: Run[] = [];
      const copies: Run[] = [];
      // A million rows take minutes, and do not vary.
      for (let round = 1; round <= (rows === 1_000_000 ? 1 : rounds); round++) {
        reports.push(await makeReport(scratch, url, campaignId, rows));
        copies.push(await writeRows('./copy.program.js', scratch, url, campaignId, rows));
        tables.push(await writeRows('./table.program.js', scratch, url, campaignId, rows));
        say(`${rows} rows, round ${round}: report ${reports.at(-1)!.seconds.toFixed(2)} s, peak ${reports.at(-1)!.peakMib.toFixed(0)} MiB; its CSV alone ${tables.at(-1)!.seconds.toFixed(2)} s; COPY to a file ${copies.at(-1)!.seconds.toFixed(2)} s`);
      }
      return { rows, reports, tables, copies };
    });
    await db.end();
    const peak = ({ reports }: Size): number => median(reports.map(({ peakMib }) => peakMib));
    const seconds = (runs: readonly Run[]): number => median(runs.map((one) => one.seconds));
    const copy = `${many.rows} rows: COPY ${seconds(many.copies).toFixed(1)} s`;
    return [
      { goal: 'P15', ...paired(many.copies, many.tables, (one) => one.seconds), note: `${copy}, contributions.csv ${seconds(many.tables).toFixed(1)} s` },
      { goal: 'P15w', ...paired(many.copies, many.reports, (one) => one.seconds), note: `${copy}, three tables, figures and pages ${seconds(many.reports).toFixed(1)} s` },
      { goal: 'P16', ...summary([peak(many) / peak(few)]), note: `${peak(few).toFixed(0)} MiB for ${few.rows} rows, ${peak(many).toFixed(0)} MiB for ${many.rows}` },
    ];
  } finally {
    await stack.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Size {
  readonly rows: number;
  readonly reports: readonly Run[];
  /** contributions.csv alone. */
  readonly tables: readonly Run[];
  readonly copies: readonly Run[];
}

async function sizes([few, many]: readonly [number, number], measure: (rows: number) => Promise<Size>): Promise<[Size, Size]> {
  return [await measure(few), await measure(many)];
}

/** A campaign of 30 sections and so many contributions of about 800 characters; two thirds answer another. */
export async function fill(db: pg.Client, rows: number): Promise<string> {
  const campaignId = randomUUID();
  const both = { fr: 'Essai', en: 'Trial' };
  const facts = {
    programme: { programmeId: campaignId, title: both }, edition: { editionId: campaignId, year: 2026, label: both }, title: both, presentation: both, kind: 'consultation', audiences: ['citizen'], steeringBodies: [],
    rules: { purpose: both, participation: both, followUp: both, responsibleService: { name: both, email: 'service@example.org', postalAddress: '1 rue de la Paix', telephone: '+33 1 99 00 00 00' } },
  };
  await db.query(`INSERT INTO campaign (campaign_id, version, state, zone, opens_at, closes_at, body_codes, member_ids, facts) VALUES ($1, 1, 'open', 'Europe/Paris', '2026-03-02T08:00Z', '2026-03-30T17:00Z', '{}', '{}', $2)`, [campaignId, facts]);
  await db.query(
    `INSERT INTO document_node (campaign_id, node_id, position, kind, section_id, number, heading, hash)
     SELECT $1::uuid, id, n, 'section', id, n::text, 'Section ' || n, '' FROM (SELECT n, md5($1::text || 's' || n)::uuid AS id FROM generate_series(1, 30) AS n) AS section`,
    [campaignId],
  );
  await db.query(
    `INSERT INTO contribution (contribution_id, campaign_id, version, filing_number, received_at, body_sha256, status, participant_ref, kind, stance, audience, language, publication, targets, anchor_node_id, parent_id, title, body, quotes)
     SELECT md5($1::text || n)::uuid, $1::uuid, 1, 'F-' || n, timestamptz '2026-03-02T08:00Z' + n * interval '1 second', repeat(md5(n::text), 2), 'filed', CASE WHEN n % 8 = 0 THEN repeat(md5((n % 5000)::text), 2) END,
            CASE WHEN n % 3 = 0 THEN 'proposal' ELSE 'argument' END, CASE WHEN n % 3 = 1 THEN 'support' WHEN n % 3 = 2 THEN 'oppose' END, 'citizen', 'fr', 'anonymous', '[]',
            CASE WHEN n % 3 = 0 THEN md5($1::text || 's' || (n % 30 + 1))::uuid END, CASE WHEN n % 3 > 0 THEN md5($1::text || (n / 3 * 3))::uuid END, 'Titre ' || n, repeat(md5(n::text) || ' é ', 22), '[]'
       FROM generate_series(3, $2::integer + 2) AS n`,
    [campaignId, rows],
  );
  await db.query('VACUUM ANALYZE contribution');
  return campaignId;
}

/** The service's own program for one report, given its order. @param shares of the CPU, as a container's (`weigh`); without them it is a session like any other. */
export async function makeReport(scratch: string, databaseUrl: string, campaignId: string, rows: number, shares?: number): Promise<Run> {
  const folder = join(scratch, randomUUID());
  const order = { reportId: campaignId, campaignId, kind: 'interim', number: 'CAHIER-2026-0001', version: 1, cutoff: '2026-12-31T00:00:00.000Z', parameters: { proposalsPerSection: 3, excerptCodePoints: 420 }, databaseUrl, folder };
  const { run, answer } = await measured(program('../../../apps/reporting-service/dist/export/make-report.program.js'), order, shares);
  const { outcome, files } = answer as { outcome: string; files: { name: string; rows?: number; bytes: number }[] };
  if (outcome !== 'made') throw new Error(JSON.stringify(answer));
  if (files.some((file) => file.rows !== undefined && file.rows !== rows)) throw new Error(`${JSON.stringify(files)} for ${rows} rows`);
  rmSync(folder, { recursive: true });
  return run;
}

/** @param writer program that writes the campaign's rows to one file and answers with their number. */
async function writeRows(writer: string, scratch: string, databaseUrl: string, campaignId: string, rows: number): Promise<Run> {
  const file = join(scratch, `${randomUUID()}.csv`);
  const { run, answer } = await measured(program(writer), { databaseUrl, campaignId, file });
  if (answer !== rows || statSync(file).size < rows * 800) throw new Error(`${writer} wrote ${JSON.stringify(answer)} of ${rows} rows`);
  rmSync(file);
  return run;
}

/** Runs a program that takes one message and answers with one, and looks at its memory until it ends. */
async function measured(file: string, message: object, shares?: number): Promise<{ run: Run; answer: unknown }> {
  const started = performance.now();
  // With the options that the service gives it (report-maker.ts), and a session of its own.
  const child = fork(file, { detached: true, execArgv: ['--max-semi-space-size=2'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // Not for what has the usual weight: whoever is not root may say so ten times a second at most.
  if (shares !== undefined) weigh(child.pid!, shares);
  let peakMib = 0;
  const looking = setInterval(() => { peakMib = Math.max(peakMib, peakOf(child.pid!)); }, 10);
  const answered = new Promise((resolve) => child.once('message', (answer) => {
    peakMib = Math.max(peakMib, peakOf(child.pid!));
    // Not left to end by itself (report-maker.ts).
    child.kill('SIGKILL');
    resolve(answer);
  }));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.send(message);
  const answer = await Promise.race([answered, ended.then(() => undefined)]);
  await ended;
  clearInterval(looking);
  return { run: { seconds: (performance.now() - started) / 1_000, peakMib }, answer };
}

/** Linux only. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // ended meanwhile
  }
}
