import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { CampaignFacts } from '@cahier/contracts';
import { startServices } from '@cahier/local-stack';
import pg from 'pg';
import { createClient } from 'redis';
import type { BenchContext, Measured, Part } from '../part.js';
import { sampleOf } from '../samples.js';
import { startBenchStack } from '../stack.js';
import { median, paired, summary } from '../statistics.js';

/**
 * The mails of an opening, from rows in the database to rows that say « sent »: claim, words, SMTP, settle; against nodemailer's
 * pool with the same words, connections and server, in turns. Every round is also a check: rows sent = mails taken, each once.
 */
export const mail: Part = { name: 'mail', run };

const CONNECTIONS = '5';
const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

async function run({ quick, rounds, say }: BenchContext): Promise<Measured[]> {
  const mails = quick ? 1_000 : 5_000;
  const { stack, folder } = await startBenchStack('kafka', 'redis', 'mail', 'oidc');
  const sink = await Sink.start();
  try {
    const { 'notification-service': service } = await startServices(stack, { only: ['notification-service'], logFolder: join(folder, 'logs'), env: { 'notification-service': { SMTP_URL: sink.url, MAIL_CONCURRENCY: CONNECTIONS, LOG_LEVEL: 'error' } } });
    const db = new pg.Client({ connectionString: service.env['DATABASE_URL'] });
    // A part that fails stops its servers first: what it failed of is to be told, and what else runs is stopped.
    db.on('error', () => undefined);
    await db.connect();
    const campaignId = await knowCampaign(db);
    const words = await wordsOfOpening();
    const rates = { service: [] as number[], pool: [] as number[] };
    await sent(db, await launch(db, campaignId, mails)); // until it is compiled
    for (let n = 1; n <= rounds; n++) {
      const before = await sink.count();
      const started = performance.now();
      await sent(db, await launch(db, campaignId, mails));
      rates.service.push(mails / ((performance.now() - started) / 1_000));
      const after = await sink.count();
      if (after.mails - before.mails !== mails || after.mails !== after.different) throw new Error(`${after.mails - before.mails} mails for ${mails} rows, ${after.different} different in all`);
      rates.pool.push(mails / (await pool(sink.url, mails, words)));
      say(`round ${n}  service ${rates.service.at(-1)!.toFixed(0)} mails/s, nodemailer's pool ${rates.pool.at(-1)!.toFixed(0)}/s`);
    }
    const grown = await redisGrowth(db, campaignId, stack.redis.url, quick ? 50_000 : 1_000_000);
    await db.end();
    return [
      { goal: 'P13', ...paired(rates.service, rates.pool, (rate) => rate), note: `service ${median(rates.service).toFixed(0)}/s, pool ${median(rates.pool).toFixed(0)}/s` },
      { goal: 'P14', ...summary([grown]), note: `${quick ? 50_000 : 1_000_000} recipients waiting` },
    ];
  } finally {
    sink.stop();
    await stack.stop();
  }
}

export class Sink {
  private constructor(private readonly child: ChildProcessWithoutNullStreams, readonly url: string) {}

  static async start(): Promise<Sink> {
    const child = spawn(process.execPath, [program('./sink.program.js')]);
    const [port] = (await once(child.stdout, 'data')) as [Buffer];
    return new Sink(child, `smtp://127.0.0.1:${port.toString().trim()}`);
  }

  async count(): Promise<{ mails: number; different: number }> {
    this.child.stdin.write('\n');
    const [line] = (await once(this.child.stdout, 'data')) as [Buffer];
    const [mails = NaN, different = NaN] = line.toString().trim().split(' ').map(Number);
    return { mails, different };
  }

  stop(): void {
    this.child.stdin.end();
  }
}

export async function knowCampaign(db: pg.Client): Promise<string> {
  const { data: facts } = sampleOf<CampaignFacts>('campaign.opened.v1');
  await db.query('INSERT INTO campaign_copy (campaign_id, version, facts) VALUES ($1, 1, $2)', [facts.campaignId, facts]);
  return facts.campaignId;
}

/** The service's own, for one who reads French. */
async function wordsOfOpening(): Promise<object> {
  const mails = '../../../apps/notification-service/dist/mails';
  const { contentOf } = (await import(`${mails}/contents.js`)) as { contentOf: (kind: string, place: object, mailing: object, recipient: object) => object };
  const { renderMail } = (await import(`${mails}/render-mail.js`)) as { renderMail: (content: object, language: string, sender: string) => object };
  const { data } = sampleOf<CampaignFacts>('campaign.opened.v1');
  return renderMail(contentOf('opening', { campaign: data, language: 'fr', campaignUrl: 'https://campagnes.cahier.example/campaigns/1' }, {}, {}), 'fr', 'Cahier');
}

/** As the launch of a mailing leaves it: everybody frozen, nobody told. @returns its id. */
export async function launch(db: pg.Client, campaignId: string, mails: number): Promise<string> {
  const mailingId = randomUUID();
  await db.query('BEGIN');
  await db.query(`INSERT INTO mailing (mailing_id, kind, campaign_id, subject_id, content, launched_at, audience_frozen_at, standing, completions) VALUES ($1, 'opening', $2, $1, '{}', now(), now(), false, 0)`, [mailingId, campaignId]);
  await db.query(
    `INSERT INTO dispatch (dispatch_id, mailing_id, kind, subject_id, recipient, address, language, content, lane, state, attempts)
     SELECT gen_random_uuid(), $1::uuid, 'opening', $1::uuid, 'reader.' || n || '@example.org', 'reader.' || n || '@example.org', 'fr', '{}', 'bulk', 'pending', 0 FROM generate_series(1, $2::integer) AS n`,
    [mailingId, mails],
  );
  await db.query('COMMIT');
  return mailingId;
}

/** Until nobody in it waits: a look that costs the same however many were sent before. @throws Error when one came to another end. */
async function sent(db: pg.Client, mailingId: string): Promise<void> {
  for (const start = performance.now(); ; await sleep(20)) {
    const { rowCount } = await db.query(`SELECT FROM dispatch WHERE mailing_id = $1 AND state IN ('pending', 'sending') LIMIT 1`, [mailingId]);
    if (rowCount === 0) break;
    if (performance.now() - start > 300_000) throw new Error('Still sending');
  }
  const { rows } = await db.query<{ state: string }>(`SELECT DISTINCT state FROM dispatch WHERE mailing_id = $1 AND state <> 'sent'`, [mailingId]);
  if (rows.length > 0) throw new Error(`Not sent: ${rows.map(({ state }) => state).join(', ')}`);
}

/** @returns seconds. */
async function pool(url: string, mails: number, words: object): Promise<number> {
  const child = spawn(process.execPath, [program('./pool.program.js'), url, String(mails), CONNECTIONS], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(words));
  const [seconds] = (await once(child.stdout, 'data')) as [Buffer];
  await once(child, 'exit');
  return Number(seconds.toString());
}

/** The most that Redis took more than before, in MiB, while the first of so many recipients are told. */
async function redisGrowth(db: pg.Client, campaignId: string, redisUrl: string, recipients: number): Promise<number> {
  const before = await usedMib(redisUrl);
  await launch(db, campaignId, recipients);
  let most = 0;
  for (let n = 0; n < 50; n++) {
    most = Math.max(most, (await usedMib(redisUrl)) - before);
    await sleep(100);
  }
  return most;
}

async function usedMib(url: string): Promise<number> {
  const client = createClient({ url });
  await client.connect();
  const info = await client.info('memory');
  client.destroy();
  return Number(/used_memory:(\d+)/.exec(info)![1]) / 2 ** 20;
}
