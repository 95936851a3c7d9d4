import { inSpan, isTransient, isUnavailable, Loop, Readiness } from '@cahier/platform';
import { Inject, Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { type Outcome, outcomeOf } from '../export/report-order.js';
import { ClaimReport } from './claim-report.use-case.js';
import { CompareWithSeal } from './compare-with-seal.use-case.js';
import { FinishReport } from './finish-report.use-case.js';
import { ReportMaker } from './report-maker.js';
import { ReportMetrics } from './report-metrics.js';
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
    private readonly metrics: ReportMetrics,
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
    await inSpan('make report', report.traceparent, () => this.makeAndTell(report), () => ({ attributes: { 'cahier.report.number': report.number, 'cahier.report.version': report.version, 'cahier.report.kind': report.kind, 'cahier.report.attempt': report.attempt } }));
    return true;
  }

  private async makeAndTell(report: Report): Promise<void> {
    const begun = performance.now();
    const outcome = await this.make(report);
    const finished = await this.finishReport.execute(report, outcome);
    if (!finished) return;
    this.metrics.made(finished, outcome.outcome, (performance.now() - begun) / 1_000);
    const { campaignId, number, version, state } = finished;
    const told = { campaignId, report: number, version, ...('cause' in outcome && { cause: outcome.cause }) };
    if (state === 'published') this.logger.log({ msg: 'A report is published', ...told });
    else if (state === 'queued') this.logger.warn({ msg: 'A report is tried again', ...told });
    else this.logger.error({ msg: state === 'mismatch' ? 'A report is not what was sealed' : 'A report failed', ...told });
  }

  /** Files in the store, or nothing. */
  private async make(report: Report): Promise<Outcome> {
    const lost = new AbortController();
    const renewal = setInterval(() => {
      this.claimReport.renew(report).then((ours) => { if (!ours) lost.abort(); }, (error: unknown) => { this.report(error); });
    }, RENEW_MS);
    try {
      const folder = await this.store.prepare(report);
      const outcome = await this.maker.make({ ...report.order(), databaseUrl: this.config.DATABASE_URL, folder }, AbortSignal.any([lost.signal, this.stopping.signal]));
      await (outcome.outcome === 'made' ? this.store.keep(report, folder, outcome.files) : this.store.clear(folder));
      return outcome.outcome === 'interrupted' && this.stopping.signal.aborted ? { outcome: 'released' } : outcome;
    } catch (error) {
      return outcomeOf(error, isUnavailable);
    } finally {
      clearInterval(renewal);
    }
  }

  private report(error: unknown): void {
    if (isUnavailable(error)) this.logger.warn('The database is away: reports wait');
    // Another replica was at the same report: it is looked at again.
    else if (!isTransient(error)) this.logger.error(error);
  }
}
