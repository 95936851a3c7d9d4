import { reportFailed, reportPublished } from '@cahier/contracts';
import { appendToOutbox, Relay } from '@cahier/messaging';
import { serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Outcome } from '../export/report-order.js';
import { Report } from './report.entity.js';

/** Records how making ended, and tells it. */
@Injectable()
export class FinishReport {
  constructor(private readonly db: DataSource, private readonly relay: Relay) {}

  /**
   * The files of a made report must be in the store already.
   * @returns the report as it now is; undefined when another attempt has taken over and nothing was recorded.
   */
  async execute({ id, attempt }: Pick<Report, 'id' | 'attempt'>, outcome: Outcome): Promise<Report | undefined> {
    const finished = await this.db.transaction(async (tx) => {
      const report = await tx.findOne(Report, { where: { id, attempt, state: 'running' }, lock: { mode: 'pessimistic_write' } });
      if (!report) return undefined;
      await record(tx, report, outcome, await serviceNow(tx));
      await tx.save(report);
      return report;
    });
    this.relay.wake();
    return finished;
  }
}

async function record(tx: EntityManager, report: Report, outcome: Outcome, at: Date): Promise<void> {
  switch (outcome.outcome) {
    case 'made':
      report.publish(outcome.files, outcome.headline, at);
      return appendToOutbox(tx, reportPublished, report.publication(), report.nextEventVersion(), at);
    case 'mismatch':
      report.contradict(outcome.cause, at);
      return tell(tx, report, outcome.cause, at);
    case 'failed':
      report.fail(outcome.cause);
      return tell(tx, report, outcome.cause, at);
    case 'released':
      return report.release();
    case 'postponed':
      return report.postpone(at);
    case 'interrupted':
      if (!report.retry(outcome.cause, at)) return tell(tx, report, outcome.cause, at);
  }
}

async function tell(tx: EntityManager, report: Report, cause: string, at: Date): Promise<void> {
  await appendToOutbox(tx, reportFailed, { ...report.reference(), cause }, report.nextEventVersion(), at);
}
