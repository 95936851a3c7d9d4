import { reportAwaiting, reportFailed } from '@cahier/contracts';
import { appendToOutbox } from '@cahier/messaging';
import { continueTrace, inTrace, serviceNow } from '@cahier/platform';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, In, LessThanOrEqual, type EntityManager } from 'typeorm';
import { findCampaign, type Query } from '../projections/campaign.queries.js';
import { digestContributions, findSeal, tallyContributions, type SealRow } from '../projections/intake-seal.queries.js';
import { Report } from './report.entity.js';
import { mismatchCause, missingFrom } from './seal.policy.js';

/** Lets a closing report be made when, and only when, the projection is exactly what was sealed. */
@Injectable()
export class CompareWithSeal {
  private readonly logger = new Logger(CompareWithSeal.name);

  constructor(private readonly db: DataSource) {}

  /**
   * Looks at one closing report whose time has come.
   * @returns whether there was one.
   */
  async execute(): Promise<boolean> {
    // One snapshot: tally and digest must be of the same rows.
    const looked = await this.db.transaction('REPEATABLE READ', async (tx) => {
      const at = await serviceNow(tx);
      const report = await tx.findOne(Report, {
        where: { state: In(['awaiting', 'mismatch']), lookAt: LessThanOrEqual(at) },
        order: { lookAt: 'ASC' },
        lock: { mode: 'pessimistic_write', onLocked: 'skip_locked' },
      });
      if (!report) return undefined;
      const { state, awaitingToldAt } = report;
      await inTrace(continueTrace(report.traceparent), () => decide(tx, report, at));
      await tx.save(report);
      return { report, news: report.state !== state || report.awaitingToldAt !== awaitingToldAt };
    });
    if (looked?.news) inTrace(continueTrace(looked.report.traceparent), () => { this.tell(looked.report); });
    return looked !== undefined;
  }

  private tell({ campaignId, number, version, state, missing, cause }: Report): void {
    const told = { campaignId, report: number, version };
    if (state === 'queued') this.logger.log({ msg: 'A report has all that was sealed and is made', ...told });
    else if (state === 'awaiting') this.logger.warn({ msg: 'A report waits for what was sealed', ...told, missing });
    else this.logger.error({ msg: 'A report is not what was sealed', ...told, cause });
  }
}

async function decide(tx: EntityManager, report: Report, at: Date): Promise<void> {
  const query: Query = (sql, parameters) => tx.query(sql, [...parameters]);
  const seal = await findSeal(query, report.campaignId);
  // Gone for the time of a rebuild; its event comes again.
  if (!seal) return wait(tx, report, 0, at);

  const held = await tallyContributions(query, report.campaignId);
  const missing = missingFrom(seal, held);
  if (missing > 0) return wait(tx, report, missing, at);
  if (missing < 0 || (await digestContributions(query, report.campaignId)) !== seal.digest) return contradict(tx, report, mismatchCause(seal, held), at);
  // All contributions are here; the report also prints the campaign's final dates.
  if (!(await isClosedHere(query, report.campaignId, seal))) return wait(tx, report, 0, at);
  report.queue();
}

async function isClosedHere(query: Query, campaignId: string, seal: SealRow): Promise<boolean> {
  const campaign = await findCampaign(query, campaignId);
  return campaign?.closes_at?.getTime() === seal.closes_at.getTime() && ['closed', 'published', 'archived'].includes(campaign.state);
}

async function wait(tx: EntityManager, report: Report, missing: number, at: Date): Promise<void> {
  if (report.wait(missing, at)) await appendToOutbox(tx, reportAwaiting, { ...report.reference(), missing }, report.nextEventVersion(), at);
}

async function contradict(tx: EntityManager, report: Report, cause: string, at: Date): Promise<void> {
  if (report.contradict(cause, at)) await appendToOutbox(tx, reportFailed, { ...report.reference(), cause }, report.nextEventVersion(), at);
}
