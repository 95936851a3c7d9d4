import { Module } from '@nestjs/common';
import { AnnounceReport } from './announce-report.handler.js';
import { CompleteMailings } from './complete-mailings.use-case.js';
import { MailingController } from './mailing.controller.js';
import { MailingQueries } from './mailing.queries.js';
import { ReportMailing } from './report-mailing.js';
import { SettleIndeterminate } from './settle-indeterminate.use-case.js';
import { TellAuthors } from './tell-authors.handler.js';
import { TrackCampaign } from './track-campaign.handler.js';

@Module({
  controllers: [MailingController, TrackCampaign, TellAuthors, AnnounceReport],
  providers: [MailingQueries, ReportMailing, CompleteMailings, SettleIndeterminate],
  exports: [CompleteMailings],
})
export class MailingModule {}
