import {
  campaignCancelled, campaignClosed, campaignDeadlineExtended, campaignOpened, campaignPublished, campaignReminderDue, campaignRescheduled, campaignResumed,
  campaignScheduled, campaignSteeringChanged, campaignSuspended, campaignUnscheduled, type CampaignFacts, type DataOf, type MailingKind,
} from '@cahier/contracts';
import { type EventContext, OnEvent } from '@cahier/messaging';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { keepCampaign } from '../campaigns/campaign-copies.js';
import type { MailingParameters } from '../mails/contents.js';
import { freezeSubscribers, launch } from './launch-mailing.js';
import { ReportMailing } from './report-mailing.js';

/** Keeps what is known of campaigns, and tells subscribers what happens to them. */
@Controller()
export class TrackCampaign {
  constructor(private readonly reports: ReportMailing) {}

  @OnEvent(campaignScheduled, campaignRescheduled, campaignUnscheduled, campaignSuspended, campaignResumed, campaignPublished, campaignSteeringChanged)
  async remember(@Payload() campaign: CampaignFacts, @Ctx() context: EventContext): Promise<void> {
    await this.keep(campaign, context);
  }

  @OnEvent(campaignOpened)
  async opened(@Payload() campaign: CampaignFacts, @Ctx() context: EventContext): Promise<void> {
    await this.announce('opening', campaign, campaign.campaignId, {}, context);
  }

  @OnEvent(campaignReminderDue)
  async reminder(@Payload() { reminderId, hoursBeforeClosing, ...campaign }: DataOf<typeof campaignReminderDue>, @Ctx() context: EventContext): Promise<void> {
    await this.announce('reminder', campaign, reminderId, { hoursBeforeClosing }, context);
  }

  @OnEvent(campaignDeadlineExtended)
  async extended(@Payload() { reason, previousClosesAt, ...campaign }: DataOf<typeof campaignDeadlineExtended>, @Ctx() context: EventContext): Promise<void> {
    await this.announce('deadline-extended', campaign, context.event.id, { reason, previousClosesAt }, context);
  }

  @OnEvent(campaignClosed)
  async closed(@Payload() campaign: CampaignFacts, @Ctx() context: EventContext): Promise<void> {
    await this.announce('closing', campaign, campaign.campaignId, {}, context);
  }

  @OnEvent(campaignCancelled)
  async cancelled(@Payload() { reason, ...campaign }: DataOf<typeof campaignCancelled>, @Ctx() context: EventContext): Promise<void> {
    await this.announce('cancellation', campaign, campaign.campaignId, { reason }, context);
  }

  private async announce<K extends MailingKind>(kind: K, campaign: CampaignFacts, subjectId: string, content: MailingParameters<K>, context: EventContext): Promise<void> {
    await this.keep(campaign, context);
    const { tx, event } = context;
    const mailingId = await launch(tx, kind, campaign.campaignId, subjectId, content, event.time);
    if (mailingId !== undefined) await freezeSubscribers(tx, mailingId, kind, subjectId, campaign.campaignId, event.time);
  }

  private async keep(campaign: CampaignFacts, { tx, event }: EventContext): Promise<void> {
    await keepCampaign(tx, campaign, event.version);
    // A report may have been heard of before its campaign.
    await this.reports.freezeWaiting(tx, campaign.campaignId, event.time);
  }
}
