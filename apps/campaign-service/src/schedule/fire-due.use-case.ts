import { campaignClosed, campaignOpened, campaignReminderDue } from '@cahier/contracts';
import { failpoint, serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CampaignEvents } from '../campaigns/campaign-facts.js';
import { BY_SCHEDULE, lockCampaign, recordTransition } from '../campaigns/change-campaign.js';

interface DueEntry {
  readonly schedule_id: string;
  readonly campaign_id: string;
  readonly action: 'open' | 'remind' | 'close';
  readonly hours_before_closing: number | null;
}

/** Makes happen what the schedule says has come, by the database's clock: late rather than never, and once with any number of replicas. */
@Injectable()
export class FireDue {
  constructor(private readonly db: DataSource, private readonly events: CampaignEvents) {}

  /** The earliest entry that is due. @returns false when there was none to take. */
  async execute(): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      // Of one campaign only its earliest entry: what was missed together happens in order.
      const [entry] = await tx.query<DueEntry[]>(
        `SELECT schedule_id, campaign_id, action, hours_before_closing FROM schedule AS s
         WHERE state = 'pending' AND due_at <= service_now()
           AND NOT EXISTS (SELECT FROM schedule AS e WHERE e.campaign_id = s.campaign_id AND e.state = 'pending' AND (e.due_at, e.schedule_id) < (s.due_at, s.schedule_id))
         ORDER BY due_at, schedule_id LIMIT 1 FOR UPDATE SKIP LOCKED`,
      );
      if (!entry) return false;
      const at = await serviceNow(tx);
      const state = await this.fire(tx, entry, at);
      await tx.query('UPDATE schedule SET state = $2, settled_at = $3 WHERE schedule_id = $1', [entry.schedule_id, state, at]);
      await failpoint('schedule-before-commit');
      return true;
    });
  }

  private async fire(tx: EntityManager, entry: DueEntry, at: Date): Promise<'fired' | 'missed'> {
    const campaign = await lockCampaign(tx, entry.campaign_id);
    if (entry.action === 'remind') {
      // After an outage until after the closing, or while nobody can file, a reminder has lost its sense.
      if (campaign.state !== 'open' || !campaign.closesAt || campaign.closesAt <= at || entry.hours_before_closing === null) return 'missed';
      await this.events.say(tx, campaignReminderDue, campaign, at, { reminderId: entry.schedule_id, hoursBeforeClosing: entry.hours_before_closing });
      return 'fired';
    }
    const from = campaign.state;
    campaign.act(entry.action);
    await recordTransition(tx, campaign, entry.action, from, BY_SCHEDULE, at);
    await this.events.say(tx, entry.action === 'open' ? campaignOpened : campaignClosed, campaign, at, {});
    return 'fired';
  }
}
