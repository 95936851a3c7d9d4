import { campaignUnscheduled } from '@cahier/contracts';
import { serviceNow, type StaffMember } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { cancelSchedule } from '../schedule/plan-schedule.js';
import { CampaignEvents } from './campaign-facts.js';
import { lockCampaign, recordTransition } from './change-campaign.js';
import { WindowChange } from './window-change.js';

/** Back to draft before the opening. */
@Injectable()
export class UnscheduleCampaign {
  constructor(private readonly db: DataSource, private readonly events: CampaignEvents, private readonly change: WindowChange) {}

  /** @throws CampaignUnknown, ResourceStale, ActionNotPossible, DatesRefused, ChangeNotHeard. */
  async execute(campaignId: string, version: number, staff: StaffMember): Promise<void> {
    await this.db.transaction(async (tx) => {
      const campaign = await lockCampaign(tx, campaignId);
      campaign.expect(version);
      const at = await serviceNow(tx);
      const from = campaign.state;
      campaign.unschedule(at, this.change.notice);
      await this.change.requireHearing(tx);
      await recordTransition(tx, campaign, 'unschedule', from, staff, at);
      await cancelSchedule(tx, campaignId, at);
      await this.events.say(tx, campaignUnscheduled, campaign, at, {});
    });
  }
}
