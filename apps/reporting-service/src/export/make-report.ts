import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
// Not from the whole library: a child process has no use for Nest, and would pay for it in time and memory.
import { failpoint } from '@cahier/platform/failpoint';
import { isUnavailable } from '@cahier/platform/failures';
import { countFigures } from '../figures/count-figures.js';
import type { Figures } from '../figures/figures.dto.js';
import { printReport, readFindings } from '../pdf/print-report.js';
import type { Findings } from '../pdf/report-content.js';
import { findCampaign, type Query } from '../projections/campaign.queries.js';
import { digestContributions, findSeal } from '../projections/intake-seal.queries.js';
import { syncFolder, writeChecked, type WrittenFile } from './checked-file.js';
import { CsvFile } from './csv-file.js';
import { exportedRows } from './exported-rows.js';
import { JsonlFile } from './jsonl-file.js';
import { manifestOf } from './manifest.js';
import { type Headline, type Outcome, outcomeOf, type ReportFile, type ReportOrder } from './report-order.js';
import { withSnapshot, type Snapshot } from './snapshot.js';
import type { Subject } from './subject.js';
import { tableSchema } from './table-schema.js';
import { XlsxFile } from './xlsx-file.js';

/**
 * Writes all files of a report into its folder, from one snapshot; each is durable and was read back.
 * The same snapshot and order give the same bytes. The manifest is written last: without it the folder is not a report.
 * @throws whatever prevents it; the folder is then to be thrown away.
 */
export async function makeReport(order: ReportOrder): Promise<Outcome> {
  await rm(order.folder, { recursive: true, force: true });
  await mkdir(order.folder);
  const outcome = await withSnapshot(order.databaseUrl, (snapshot) => makeFrom(snapshot, order));
  await syncFolder(order.folder);
  return outcome;
}

/** As `makeReport`, with whatever prevents it as an outcome. */
export async function tryReport(order: ReportOrder): Promise<Outcome> {
  return makeReport(order).catch((error: unknown) => outcomeOf(error, isUnavailable));
}

async function makeFrom(snapshot: Snapshot, order: ReportOrder): Promise<Outcome> {
  const { campaignId, folder } = order;
  const campaign = await findCampaign(snapshot.query, campaignId);
  if (!campaign || campaign.zone === null) return { outcome: 'failed', cause: 'La campagne n’a pas de dates. The campaign has no dates.' };
  const seal = order.kind === 'closing' ? await findSeal(snapshot.query, campaignId) : undefined;
  // Looked at when the report was queued; what is printed is this snapshot.
  if (seal && (await digestContributions(snapshot.query, campaignId)) !== seal.digest) {
    return { outcome: 'mismatch', cause: 'L’empreinte des contributions n’est plus celle du scellé. The digest of the contributions is not that of the seal any more.' };
  }
  const subject: Subject = { order, campaign, zone: campaign.zone, seal };

  const total = await countRows(snapshot.query, order);
  // All that was sealed was received before the cut-off, which is the closing; a report that left one out would be quietly incomplete.
  if (seal && total !== seal.accepted) return { outcome: 'mismatch', cause: `${total} contributions avant la clôture, ${seal.accepted} scellées. ${total} contributions before closing, ${seal.accepted} sealed.` };

  const [files, findings] = await both(writeContributions(snapshot, subject, total), countAll(snapshot.query, subject));
  const { figures } = findings;
  // Counts and rows come from one snapshot: a difference is a bug of ours, and no report.
  if (figures.contributions !== total) throw new Error(`${total} rows were exported, ${figures.contributions} were counted`);
  files.push(await writeFile(folder, 'contributions.schema.json', 'application/json', json(tableSchema())));
  files.push(await writeFile(folder, 'figures.json', 'application/json', json(figures)));
  files.unshift(await writeFile(folder, 'report.pdf', 'application/pdf', printReport(subject, { ...findings, files })));
  files.push(await writeFile(folder, 'manifest.json', 'application/json', json(manifestOf(subject, figures, files))));
  return { outcome: 'made', files, headline: headlineOf(figures) };
}

async function countRows(query: Query, { campaignId, cutoff }: ReportOrder): Promise<number> {
  const [row] = await query<{ total: number }>('SELECT count(*)::integer AS total FROM contribution WHERE campaign_id = $1 AND received_at < $2', [campaignId, new Date(cutoff)]);
  return row!.total;
}

async function countAll(query: Query, subject: Subject): Promise<Omit<Findings, 'files'>> {
  const { order, campaign, zone } = subject;
  return readFindings(query, subject, await countFigures(query, { campaignId: order.campaignId, cutoff: new Date(order.cutoff), opensAt: campaign.opens_at, closesAt: campaign.closes_at, zone }));
}

/** At once. When one fails the other has ended too: nothing goes on behind the report's back. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

const MEDIA = {
  'contributions.csv': 'text/csv; charset=utf-8; header=present',
  'contributions.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'contributions.jsonl': 'application/jsonl',
} as const;

/** One reading for all three tables. */
async function writeContributions(snapshot: Snapshot, { order, zone }: Subject, total: number): Promise<ReportFile[]> {
  const writers = {
    'contributions.csv': await CsvFile.create(join(order.folder, 'contributions.csv')),
    'contributions.xlsx': await XlsxFile.create(join(order.folder, 'contributions.xlsx'), total),
    'contributions.jsonl': await JsonlFile.create(join(order.folder, 'contributions.jsonl')),
  };
  const all = Object.values(writers);
  let rows = 0;
  for await (const batch of exportedRows(snapshot, { ...order, zone })) {
    for (const row of batch) {
      for (const writer of all) {
        const full = writer.write(row);
        if (full) await full;
      }
      if (++rows === Math.ceil(total / 2)) await failpoint('report-mid-file');
    }
  }
  if (rows !== total) throw new Error(`${rows} rows were exported, ${total} were counted`);

  // Each is read back from the disk: together, not one after the other.
  return Promise.all((Object.keys(writers) as (keyof typeof writers)[]).map(async (name) => described(name, MEDIA[name], await writers[name].close(), rows)));
}

async function writeFile(folder: string, name: string, mediaType: string, content: string | Buffer): Promise<ReportFile> {
  return described(name, mediaType, await writeChecked(join(folder, name), content));
}

const described = (name: string, mediaType: string, { bytes, sha256 }: WrittenFile, rows?: number): ReportFile => ({ name, mediaType, bytes, sha256, ...(rows !== undefined && { rows }) });

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;

function headlineOf({ contributions, withdrawn, hidden, distinctAddresses, byKind, byStance }: Figures): Headline {
  return {
    contributions, withdrawn, hidden, distinctAddresses,
    byKind: Object.fromEntries(byKind.map((row) => [row.kind, row.contributions])),
    byStance: Object.fromEntries(byStance.flatMap((row) => (row.stance === null ? [] : [[row.stance, row.contributions]]))),
  };
}
