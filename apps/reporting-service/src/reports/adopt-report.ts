import { reportPublished, type DataOf } from '@cahier/contracts';
import { isFact, type SaidFact } from '@cahier/messaging';
import type { EntityManager } from 'typeorm';
import type { ReportStore } from './report-store.js';
import { Report } from './report.entity.js';

/**
 * Makes a fact of this service true again that its restored database does not know. A published report whose files the
 * store still has is published; one without is made again, under its number. Its orderer's name is lost.
 * @returns what to do with each fact; the promise: what an operator must know of it, if anything.
 */
export function adoptFactWith(store: Pick<ReportStore, 'attemptOf'>): (tx: EntityManager, fact: SaidFact) => Promise<string | undefined> {
  return async (tx, fact) => {
    const { reportId, number } = fact.data as DataOf<typeof reportPublished>;
    await takeNumber(tx, number);
    const known = await tx.findOneBy(Report, { id: reportId });
    if (isFact(fact, reportPublished)) return adoptPublished(tx, known, fact, await store.attemptOf(reportId));
    // It waited or failed. Where it is known it goes on from where the backup has it.
    if (known) await tx.update(Report, { id: reportId }, { eventVersion: fact.version });
    return undefined;
  };
}

async function adoptPublished(tx: EntityManager, known: Report | null, { data, version, at }: SaidFact<typeof reportPublished>, attempt: number | undefined): Promise<string | undefined> {
  const { reportId: id, campaignId, kind, number, version: reportVersion, cutoff, files, headline } = data;
  const identity = { id, campaignId, number, version: reportVersion, traceparent: null };
  const report = known ?? (kind === 'closing' ? Report.closing(identity, new Date(cutoff), at) : Report.interim(identity, new Date(cutoff), 'unknown', at));
  report.queue();
  report.release();
  if (attempt !== undefined) report.publish(files, headline, at);
  await tx.save(Object.assign(report, { attempt: attempt ?? report.attempt, eventVersion: version }));
  return attempt !== undefined ? undefined : `Report ${number}, version ${reportVersion}: its files are not in the store any more. It is made again, and the steering bodies are told again.`;
}

/** No number comes twice. */
async function takeNumber(tx: EntityManager, number: string): Promise<void> {
  const [, year, last] = /^CAHIER-(\d+)-(\d+)$/.exec(number) ?? [];
  if (year === undefined || last === undefined) return;
  await tx.query('INSERT INTO report_number (year, last) VALUES ($1, $2) ON CONFLICT (year) DO UPDATE SET last = greatest(report_number.last, excluded.last)', [Number(year), Number(last)]);
}
