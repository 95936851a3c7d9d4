import { recordStaffAction, type StaffMember } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { digestOf } from '../export/checked-file.js';
import type { Outcome, ReportFile } from '../export/report-order.js';
import type { ReportComparison } from './report.dto.js';
import { ReportMaker } from './report-maker.js';
import { unknown } from './report.queries.js';
import { NotStored, ReportStore } from './report-store.js';
import { Report } from './report.entity.js';
import { ReportNotMade } from './report.errors.js';

/** What operators do with a report whose files they doubt. One that was handed out is never changed: it is found to be the same, or not. */
@Injectable()
export class RemakeReport {
  constructor(private readonly db: DataSource, private readonly maker: ReportMaker, private readonly store: ReportStore, @Inject(CONFIG) private readonly config: Config) {}

  /** Makes a published report again, aside, from what the projection holds now. @throws ReportUnknown, ReportNotMade. */
  async compare(reportId: string, by: StaffMember): Promise<() => Promise<ReportComparison>> {
    const report = await this.db.transaction((tx) => begin(tx, reportId, 'report.compare', by));
    return () => this.remake(report, async () => undefined);
  }

  /**
   * Has a failed report made once more; makes a published one again and, where it comes out the same, puts its files back into the store.
   * @throws ReportUnknown, ReportNotMade.
   */
  async rebuild(reportId: string, by: StaffMember): Promise<() => Promise<ReportComparison>> {
    const report = await this.db.transaction((tx) => begin(tx, reportId, 'report.rebuild', by));
    if (report.state !== 'published') return async () => ({ outcome: 'queued', cause: null, files: [] });
    return () => this.remake(report, (folder, files) => this.store.keep(report, folder, files));
  }

  /** @param keep what is done with the files where they are those of the report. */
  private async remake(report: Report, keep: (folder: string, files: readonly ReportFile[]) => Promise<void>): Promise<ReportComparison> {
    const folder = await this.store.aside();
    try {
      const outcome = await this.maker.make({ ...report.order(), databaseUrl: this.config.DATABASE_URL, folder }, new AbortController().signal);
      const again = 'files' in outcome ? outcome.files : [];
      const same = sameFiles(report.files!, again);
      if (same) await keep(folder, again);
      const files = await Promise.all(report.files!.map(async ({ name, sha256 }) => ({ name, recorded: sha256, stored: await this.storedSha256(report, name), madeAgain: again.find((file) => file.name === name)?.sha256 ?? null })));
      const identical = same && files.every(({ recorded, stored }) => stored === recorded);
      return { outcome: identical ? 'identical' : 'different', cause: causeOf(outcome), files };
    } finally {
      await this.store.clear(folder);
    }
  }

  /** Null where the store does not have it. */
  private async storedSha256(report: Report, name: string): Promise<string | null> {
    try {
      return (await digestOf(await this.store.read(report, name))).sha256;
    } catch (error) {
      if (error instanceof NotStored) return null;
      throw error;
    }
  }
}

async function begin(tx: EntityManager, reportId: string, action: 'report.compare' | 'report.rebuild', by: StaffMember): Promise<Report> {
  const report = await tx.findOne(Report, { where: { id: reportId }, lock: { mode: 'pessimistic_write' } });
  if (!report) throw unknown();
  const failed = report.state === 'failed' && action === 'report.rebuild';
  if (report.state !== 'published' && !failed) throw new ReportNotMade({ fr: 'Il n’a pas encore été établi.', en: 'It has not been made yet.' }, { state: report.state });
  if (failed) {
    report.requeue();
    await tx.save(report);
  }
  await recordStaffAction(tx, by, { action, targetId: reportId, campaignId: report.campaignId });
  return report;
}

const sameFiles = (recorded: readonly ReportFile[], again: readonly ReportFile[]): boolean =>
  recorded.length === again.length && recorded.every(({ name, sha256 }) => again.some((file) => file.name === name && file.sha256 === sha256));

const causeOf = (outcome: Outcome): string | null => ('cause' in outcome ? outcome.cause : null);
