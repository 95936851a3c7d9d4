import { type DataOf, reportPublished } from '@cahier/contracts';
import { type EventContext, OnEvent } from '@cahier/messaging';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { launch } from './launch-mailing.js';
import { ReportMailing } from './report-mailing.js';

/** The closing report goes to the steering bodies; an interim one is for whoever asked for it. */
@Controller()
export class AnnounceReport {
  constructor(private readonly reports: ReportMailing) {}

  @OnEvent(reportPublished)
  async handle(@Payload() report: DataOf<typeof reportPublished>, @Ctx() { tx, event }: EventContext): Promise<void> {
    const { reportId, campaignId, kind, number, version, cutoff, headline } = report;
    if (kind !== 'closing') return;
    await launch(tx, 'report', campaignId, event.id, { reportId, number, version, kind, cutoff, headline }, event.time);
    await this.reports.freezeWaiting(tx, campaignId, event.time);
  }
}
