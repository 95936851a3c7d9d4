import { isTransient, isUnavailable, Loop, Readiness } from '@cahier/platform';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { type Outcome, outcomeOf } from '../export/report-order.js';
import { ClaimReport } from './claim-report.use-case.js';
import { CompareWithSeal } from './compare-with-seal.use-case.js';
import { FinishReport } from './finish-report.use-case.js';
import { ReportMaker } from './report-maker.js';
import { ReportStore } from './report-store.js';
import type { Report } from './report.entity.js';

const POLL_MS = 250;
const AFTER_FAILURE_MS = 1_000;
const RENEW_MS = 3_000;

/** Watches for reports to make, and makes them one at a time. Runs in every replica; the table decides who makes which. */
@Injectable()
export class ReportWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ReportWorker.name);
  private readonly stopping = new AbortController();
  private readonly comparing = this.whileThereIsWork(() => this.compareWithSeal.execute());
  private readonly making = this.whileThereIsWork(() => this.makeNext());

  constructor(
    private readonly compareWithSeal: CompareWithSeal,
    private readonly claimReport: ClaimReport,
    private readonly finishReport: FinishReport,
    private readonly maker: ReportMaker,
    private readonly store: ReportStore,
    private readonly readiness: Readiness,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.add('report-store', () => this.store.check());
    this.comparing.start();
    this.making.start();
  }

  /** A report in the making is given back at once, for another replica or the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.comparing.stop(), this.making.stop()]);
  }

  /** @param work does a piece of it; whether there was any. */
  private whileThereIsWork(work: () => Promise<boolean>): Loop {
    return new Loop(async () => ((await work()) ? 0 : POLL_MS), (error) => {
      this.report(error);
      return AFTER_FAILURE_MS;
    });
  }

  /** @returns whether there was one to make. */
  async makeNext(): Promise<boolean> {
    const report = await this.claimReport.execute();
    if (!report) return false;
    const outcome = await this.make(report);
    const state = await this.finishReport.execute(report, outcome);
    if (state === 'published') this.logger.log(`Report ${report.number} version ${report.version} is published`);
    else if (state === 'queued') this.logger.warn(`Report ${report.number} version ${report.version} is tried again${'cause' in outcome ? `: ${outcome.cause}` : ''}`);
    else if (state !== undefined) this.logger.error(`Report ${report.number} version ${report.version}: ${state}`);
    return true;
  }

  /** Files in the store, or nothing. */
  private async make(report: Report): Promise<Outcome> {
    const lost = new AbortController();
    const renewal = setInterval(() => {
      this.claimReport.renew(report).then((ours) => { if (!ours) lost.abort(); }, (error: unknown) => { this.report(error); });
    }, RENEW_MS);
    try {
      const folder = await this.store.prepare(report);
      const outcome = await this.maker.make(this.orderOf(report, folder), AbortSignal.any([lost.signal, this.stopping.signal]));
      await (outcome.outcome === 'made' ? this.store.keep(report, outcome.files) : this.store.discard(report));
      return outcome.outcome === 'interrupted' && this.stopping.signal.aborted ? { outcome: 'released' } : outcome;
    } catch (error) {
      return outcomeOf(error, isUnavailable);
    } finally {
      clearInterval(renewal);
    }
  }

  private orderOf({ id, campaignId, kind, number, version, cutoff, parameters }: Report, folder: string) {
    return { reportId: id, campaignId, kind, number, version, cutoff: cutoff.toISOString(), parameters, databaseUrl: this.config.DATABASE_URL, folder };
  }

  private report(error: unknown): void {
    if (isUnavailable(error)) this.logger.warn('The database is away: reports wait');
    // Another replica was at the same report: it is looked at again.
    else if (!isTransient(error)) this.logger.error(error);
  }
}
