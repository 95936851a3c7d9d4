import {
  campaignCancelled, campaignClosed, campaignDeadlineExtended, campaignOpened, campaignPublished, campaignRescheduled, campaignResumed,
  campaignScheduled, campaignSuspended, campaignUnscheduled, type CampaignFacts,
} from '@cahier/contracts';
import { OnEvent, type EventContext } from '@cahier/messaging';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { CONFIG, type Config } from '../config.js';
import { acceptsIn } from './campaign-window.entity.js';

/** Keeps the copy of each campaign's window, so that filing never waits for campaign-service. */
@Controller()
export class TrackCampaignWindow {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Upserts the whole fact; an older or repeated event changes nothing. */
  @OnEvent(
    campaignScheduled, campaignRescheduled, campaignUnscheduled, campaignOpened, campaignDeadlineExtended,
    campaignSuspended, campaignResumed, campaignClosed, campaignCancelled, campaignPublished,
  )
  async handle(@Payload() campaign: CampaignFacts, @Ctx() { tx, event }: EventContext): Promise<void> {
    await tx.query(
      `INSERT INTO campaign_window AS known (campaign_id, version, state, accepting, opens_at, closes_at, title, responsible_service, participant_key)
       VALUES ($1, $2, $3, coalesce($4, true), $5, $6, $7, $8, $9)
       ON CONFLICT (campaign_id) DO UPDATE
         SET version = excluded.version, state = excluded.state, accepting = coalesce($4, known.accepting), opens_at = excluded.opens_at,
             closes_at = excluded.closes_at, title = excluded.title, responsible_service = excluded.responsible_service
         WHERE known.version < excluded.version`,
      [
        campaign.campaignId, event.version, campaign.state, acceptsIn(campaign.state) ?? null, campaign.window?.opensAt ?? null, campaign.window?.closesAt ?? null,
        campaign.title, campaign.rules.responsibleService, this.config.PARTICIPANT_KEYS.current,
      ],
    );
  }
}
