import { campaignCancelled } from '@cahier/contracts';
import { serviceNow, type StaffMember } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { cancelSchedule } from '../schedule/plan-schedule.js';
import { Campaign } from './campaign.entity.js';
import { CampaignEvents } from './campaign-facts.js';
import { lockCampaign, recordTransition } from './change-campaign.js';

/** Gives a campaign up, before its closing. */
@Injectable()
export class CancelCampaign {
  constructor(private readonly db: DataSource, private readonly events: CampaignEvents) {}

  /** @throws CampaignUnknown, ResourceStale, ActionNotPossible, DatesRefused. */
  async execute(campaignId: string, version: number, reason: string, staff: StaffMember): Promise<void> {
    await this.db.transaction(async (tx) => {
      const campaign = await lockCampaign(tx, campaignId);
      campaign.expect(version);
      const at = await serviceNow(tx);
      const from = campaign.state;
      campaign.cancel(at);
      await recordTransition(tx, campaign, 'cancel', from, staff, at, reason);
      await cancelSchedule(tx, campaignId, at);
      // A draft goes without a word: it may lack what an event must say, and those who had heard of its dates have heard that it went back.
      if (from === 'draft') await tx.save(Campaign, campaign);
      else await this.events.say(tx, campaignCancelled, campaign, at, { reason });
    });
  }
}
