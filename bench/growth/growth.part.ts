import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { startContributionService } from '../contribution-service.js';
import { saturate, stored } from '../load.js';
import type { BenchContext, Measured, Part } from '../part.js';
import { startBenchStack } from '../stack.js';
import { median, paired, summary } from '../statistics.js';

/** Whether the five-millionth contribution costs more than the first, and whether the service keeps something of each. */
export const growth: Part = { name: 'growth', run };

async function run({ quick, rounds, say }: BenchContext): Promise<Measured[]> {
  const rows = quick ? 100_000 : 5_000_000;
  const requests = quick ? 20_000 : 1_000_000;
  const { stack } = await startBenchStack('redis');
  try {
    const empty = await startContributionService(stack, 'empty');
    const full = await startContributionService(stack, 'full');
    const started = performance.now();
    await fill(full.db, full.campaignId, rows);
    say(`${rows} rows filled in ${((performance.now() - started) / 1_000).toFixed(0)} s`);
    const rates = { empty: [] as number[], full: [] as number[] };
    for (const name of ['empty', 'full'] as const) await saturate({ empty, full }[name], quick ? 2 : 8);
    for (let n = 1; n <= rounds; n++) {
      for (const name of n % 2 ? (['empty', 'full'] as const) : (['full', 'empty'] as const)) rates[name].push(await saturate({ empty, full }[name], quick ? 2 : 5));
      say(`round ${n}  empty ${rates.empty.at(-1)!.toFixed(0)}/s, with ${rows} rows ${rates.full.at(-1)!.toFixed(0)}/s`);
    }
    const grown = await memoryGrowth(requests);
    for (const { server, db } of [empty, full]) {
      await server.stop();
      await db.end();
    }
    return [
      { goal: 'P9', ...paired(rates.full, rates.empty, (rate) => rate), note: `${rows} rows: ${median(rates.full).toFixed(0)}/s, empty ${median(rates.empty).toFixed(0)}/s` },
      { goal: 'P17', ...summary([grown]), note: `from the second to the last quarter of ${requests} requests` },
    ];

    /** What the last quarter of the requests found more than the second: the first warms up. */
    async function memoryGrowth(total: number): Promise<number> {
      const from = await stored(empty);
      const seen: number[] = [];
      for (let done = 0; done < total; done = (await stored(empty)) - from) {
        await saturate(empty, quick ? 1 : 5);
        seen.push(residentMib(empty.server.pid));
      }
      say(`memory ${seen.map((mib) => mib.toFixed(0)).join(' ')} MiB`);
      const quarter = Math.ceil(seen.length / 4);
      return median(seen.slice(-quarter)) - median(seen.slice(quarter, 2 * quarter));
    }
  } finally {
    await stack.stop();
  }
}

/** Rows with every index filled and short texts: how many there are is what counts here. */
async function fill(db: pg.Client, campaignId: string, rows: number): Promise<void> {
  const slice = 250_000;
  for (let from = 1; from <= rows; from += slice) {
    await db.query(
      `INSERT INTO contribution (contribution_id, campaign_id, key_hash, filing_number, received_at, body_sealed, body_sha256, token_key, classification, text, changed_at)
       SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - 6000000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 19))::uuid, $1::uuid, sha256(n::text::bytea), 'F-' || n,
              now() - interval '6000 s' + n * interval '1 ms', sha256(n::text::bytea), md5(n::text), 1, '{"kind":"proposal","targets":[],"language":"fr","publication":"anonymous"}', '{"body":"x","quotes":[]}', now()
       FROM generate_series($2::integer, $3::integer) AS n`,
      [campaignId, from, Math.min(rows, from + slice - 1)],
    );
  }
  await db.query('VACUUM ANALYZE contribution');
}

/** Linux only. */
const residentMib = (pid: number): number => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
