import { campaignClosed, campaignOpened, campaignReminderDue } from '@cahier/contracts';
import { failpoint, serviceNow } from '@cahier/platform';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CampaignEvents } from '../campaigns/campaign-facts.js';
import { BY_SCHEDULE, lockCampaign, recordTransition } from '../campaigns/change-campaign.js';

interface DueEntry {
  readonly schedule_id: string;
  readonly action: 'open' | 'remind' | 'close';
  readonly hours_before_closing: number | null;
  /** Another reminder of the same campaign is due as well. */
  readonly superseded: boolean;
}

/** Makes happen what the schedule says has come, by the database's clock: late rather than never, in order, and once with any number of replicas. */
@Injectable()
export class FireDue {
  private readonly logger = new Logger(FireDue.name);

  constructor(private readonly db: DataSource, private readonly events: CampaignEvents) {}

  /** Campaigns to which something is due, the most overdue first. */
  async due(): Promise<string[]> {
    const rows = await this.db.query<{ campaign_id: string }[]>(
      `SELECT campaign_id FROM schedule WHERE state = 'pending' AND due_at <= service_now() GROUP BY campaign_id ORDER BY min(due_at), campaign_id`,
    );
    return rows.map(({ campaign_id: id }) => id);
  }

  /** How long the most overdue entry has waited; 0 when nothing is due. */
  async overdueSeconds(): Promise<number> {
    const [row] = await this.db.query<{ seconds: string }[]>(
      `SELECT coalesce(extract(epoch FROM service_now() - min(due_at)), 0) AS seconds FROM schedule WHERE state = 'pending' AND due_at <= service_now()`,
    );
    return Number(row!.seconds);
  }

  /** The earliest entry of the campaign that is due. @returns false when there is none, or another replica or a change by staff holds the campaign. */
  async execute(campaignId: string): Promise<boolean> {
    const fired = await this.db.transaction(async (tx) => {
      // The campaign's row first, as every change of a campaign does: who holds it holds its schedule too, and nobody waits crosswise.
      const claimed = await tx.query<unknown[]>('SELECT 1 FROM campaign WHERE campaign_id = $1 FOR UPDATE SKIP LOCKED', [campaignId]);
      if (claimed.length === 0) return undefined;
      const entry = await earliestDue(tx, campaignId);
      if (!entry) return undefined;
      const at = await serviceNow(tx);
      const state = await this.fire(tx, campaignId, entry, at);
      await tx.query('UPDATE schedule SET state = $2, settled_at = $3 WHERE schedule_id = $1', [entry.schedule_id, state, at]);
      await failpoint('schedule-before-commit');
      return { action: entry.action, state };
    });
    if (fired) this.logger.log({ msg: 'The schedule was followed', campaignId, ...fired });
    return fired !== undefined;
  }

  private async fire(tx: EntityManager, campaignId: string, entry: DueEntry, at: Date): Promise<'fired' | 'missed'> {
    const campaign = await lockCampaign(tx, campaignId);
    if (entry.action === 'remind') {
      // Lost its sense: the closing has passed, nobody can file, or a later reminder is due too and says it better.
      if (campaign.state !== 'open' || !campaign.closesAt || campaign.closesAt <= at || entry.superseded || entry.hours_before_closing === null) return 'missed';
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

/** In the order of their instants: what was missed together happens in order. */
async function earliestDue(tx: EntityManager, campaignId: string): Promise<DueEntry | undefined> {
  const [entry] = await tx.query<DueEntry[]>(
    `SELECT s.schedule_id, s.action, s.hours_before_closing,
            EXISTS (SELECT FROM schedule AS later WHERE later.campaign_id = s.campaign_id AND later.action = 'remind' AND later.state = 'pending'
                    AND later.due_at > s.due_at AND later.due_at <= service_now()) AS superseded
     FROM schedule AS s WHERE s.campaign_id = $1 AND s.state = 'pending' AND s.due_at <= service_now() ORDER BY s.due_at, s.schedule_id LIMIT 1`,
    [campaignId],
  );
  return entry;
}
