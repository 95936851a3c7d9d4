import { campaignDeadlineExtended } from '@cahier/contracts';
import { serviceNow, type StaffMember } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { planSchedule } from '../schedule/plan-schedule.js';
import { CampaignEvents } from './campaign-facts.js';
import { lockCampaign, recordTransition } from './change-campaign.js';
import { type Disambiguation, resolveLocalTime } from './local-time.js';
import { WindowChange } from './window-change.js';

/** Moves the closing later while the campaign is open; the zone stays. */
@Injectable()
export class ExtendCampaign {
  constructor(private readonly db: DataSource, private readonly events: CampaignEvents, private readonly change: WindowChange) {}

  /** @throws CampaignUnknown, ResourceStale, ActionNotPossible, DatesRefused, LocalTimeInvalid, LocalTimeAmbiguous, ChangeNotHeard. */
  async execute(campaignId: string, version: number, input: { closesAtLocal: string; reason: string; disambiguation?: Disambiguation | undefined }, staff: StaffMember): Promise<void> {
    await this.db.transaction(async (tx) => {
      const campaign = await lockCampaign(tx, campaignId);
      campaign.expect(version);
      const at = await serviceNow(tx);
      const { state: from, closesAt: previous } = campaign;
      campaign.extend(input.closesAtLocal, resolveLocalTime(input.closesAtLocal, campaign.zone ?? 'UTC', input.disambiguation), at, this.change.notice);
      await this.change.requireHearing(tx);
      await recordTransition(tx, campaign, 'extend', from, staff, at, input.reason);
      await planSchedule(tx, campaign, at);
      await this.events.say(tx, campaignDeadlineExtended, campaign, at, { reason: input.reason, previousClosesAt: previous!.toISOString() });
    });
  }
}
