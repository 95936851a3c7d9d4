import {
  campaignCancelled, campaignClosed, campaignDeadlineExtended, campaignOpened, campaignPublished, campaignRescheduled, campaignResumed, campaignScheduled,
  campaignSteeringChanged, campaignSuspended, campaignUnscheduled, type CampaignFacts,
} from '@cahier/contracts';
import { OnEvent, type EventContext } from '@cahier/messaging';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { CampaignCopy } from './campaign-copy.js';

/** Keeps the campaign as it now is: what a report prints of it, and whose members may read it. */
@Controller()
export class ProjectCampaign {
  @OnEvent(
    campaignScheduled, campaignRescheduled, campaignUnscheduled, campaignOpened, campaignDeadlineExtended, campaignSuspended, campaignResumed,
    campaignClosed, campaignCancelled, campaignPublished, campaignSteeringChanged,
  )
  async handle(@Payload() facts: CampaignFacts, @Ctx() { tx, event }: EventContext): Promise<void> {
    const { window, steeringBodies } = facts;
    await tx.query(
      `INSERT INTO campaign (campaign_id, version, state, zone, opens_at, closes_at, body_codes, member_ids, facts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (campaign_id) DO UPDATE
          SET version = EXCLUDED.version, state = EXCLUDED.state, zone = EXCLUDED.zone, opens_at = EXCLUDED.opens_at, closes_at = EXCLUDED.closes_at,
              body_codes = EXCLUDED.body_codes, member_ids = EXCLUDED.member_ids, facts = EXCLUDED.facts
        WHERE campaign.version < EXCLUDED.version`,
      [
        facts.campaignId, event.version, facts.state, window?.zone ?? null, window?.opensAt ?? null, window?.closesAt ?? null,
        steeringBodies.map(({ code }) => code),
        steeringBodies.flatMap(({ members }) => members.map(({ memberId }) => memberId)),
        JSON.stringify(copyOf(facts)),
      ],
    );
  }
}

/** Without the members' sealed addresses: they are for another service. */
function copyOf({ programme, edition, title, presentation, kind, window, audiences, rules, steeringBodies }: CampaignFacts): CampaignCopy {
  return { programme, edition, title, presentation, kind, ...(window && { window }), audiences, rules, steeringBodies: steeringBodies.map(({ bodyId, code, name }) => ({ bodyId, code, name })) };
}
