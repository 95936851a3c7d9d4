import { campaignPublished } from '@cahier/contracts';
import { serviceNow, type StaffMember } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CampaignEvents } from './campaign-facts.js';
import { lockCampaign, recordTransition } from './change-campaign.js';

/** Makes the closing report public. */
@Injectable()
export class PublishReport {
  constructor(private readonly db: DataSource, private readonly events: CampaignEvents) {}

  /** @throws CampaignUnknown, ResourceStale, ActionNotPossible. */
  async execute(campaignId: string, version: number, staff: StaffMember): Promise<void> {
    await this.db.transaction(async (tx) => {
      const campaign = await lockCampaign(tx, campaignId);
      campaign.expect(version);
      const at = await serviceNow(tx);
      const from = campaign.state;
      campaign.act('publish');
      await recordTransition(tx, campaign, 'publish', from, staff, at);
      await this.events.say(tx, campaignPublished, campaign, at, {});
    });
  }
}
