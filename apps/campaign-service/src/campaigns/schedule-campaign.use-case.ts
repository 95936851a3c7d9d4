import { campaignRescheduled, campaignScheduled } from '@cahier/contracts';
import { serviceNow, type StaffMember } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { announceDocument } from '../documents/announce-document.js';
import { planSchedule } from '../schedule/plan-schedule.js';
import { CampaignEvents } from './campaign-facts.js';
import { CampaignIncomplete } from './campaign.errors.js';
import { lockCampaign, recordTransition } from './change-campaign.js';
import { contentChecklist, localDates } from './checklist.js';
import { type Disambiguation, resolveLocalTime } from './local-time.js';
import { WindowChange } from './window-change.js';

export interface DatesInput {
  readonly zone: string;
  readonly opensAtLocal: string;
  readonly closesAtLocal: string;
  readonly disambiguation?: Disambiguation | undefined;
}

/** Fixes the dates of a draft, or moves them before the opening, and says so. */
@Injectable()
export class ScheduleCampaign {
  constructor(private readonly db: DataSource, private readonly events: CampaignEvents, private readonly change: WindowChange) {}

  /** @throws CampaignUnknown, ResourceStale, ActionNotPossible, CampaignIncomplete, DatesRefused, LocalTimeInvalid, LocalTimeAmbiguous, ChangeNotHeard. */
  async execute(campaignId: string, version: number, action: 'schedule' | 'reschedule', input: Partial<DatesInput>, staff: StaffMember): Promise<void> {
    await this.db.transaction(async (tx) => {
      const campaign = await lockCampaign(tx, campaignId);
      campaign.expect(version);
      const at = await serviceNow(tx);
      const from = campaign.state;
      const missing = (await contentChecklist(tx, campaign, input)).filter(({ done }) => !done);
      const local = localDates(campaign, input);
      if (missing.length > 0 || !local) throw new CampaignIncomplete({ fr: 'Complétez la liste de contrôle.', en: 'Complete the checklist.' }, { missing });

      const resolve = (text: string): Date => resolveLocalTime(text, local.zone, input.disambiguation);
      campaign.schedule(action, { ...local, opensAt: resolve(local.opensAtLocal), closesAt: resolve(local.closesAtLocal) }, at, this.change.notice);
      await this.change.requireHearing(tx);

      await recordTransition(tx, campaign, action, from, staff, at);
      await planSchedule(tx, campaign, at);
      await this.events.say(tx, action === 'schedule' ? campaignScheduled : campaignRescheduled, campaign, at, {});
      if (action === 'schedule') await announceDocument(tx, campaign, at);
    });
  }
}
