import { readCursor, serviceNow, signCursor } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { CONFIG, type Config } from '../config.js';
import { Campaign } from './campaign.entity.js';
import type { Revision } from './calendar.js';
import { CampaignUnknown } from './campaign.errors.js';
import type { CampaignView, HubQuery, ListQuery, Page, PublicCampaign, TransitionView } from './campaign.dto.js';
import { type ChecklistItem, contentChecklist, datesChecklist } from './checklist.js';

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const utc = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', ${INSTANT})`;

const STAFF_VIEW = `
  SELECT c.campaign_id AS "campaignId", c.edition_id AS "editionId", c.state, c.kind, c.title, c.presentation, c.rules, c.audiences,
         c.reminder_hours AS "reminderHoursBeforeClosing", c.zone, c.opens_at_local AS "opensAtLocal", c.closes_at_local AS "closesAtLocal",
         ${utc('c.opens_at')} AS "opensAt", ${utc('c.closes_at')} AS "closesAt", c.version,
         coalesce((SELECT jsonb_agg(steering_body_id ORDER BY steering_body_id) FROM campaign_steering_body AS cb WHERE cb.campaign_id = c.campaign_id), '[]') AS "steeringBodyIds"
  FROM campaign AS c`;

/** What the clock says goes before what the schedule has already fired. */
const PUBLIC_STATE = `
  CASE WHEN c.state = 'cancelled' THEN 'cancelled'
       WHEN service_now() >= c.closes_at THEN 'closed'
       WHEN c.state = 'suspended' THEN 'suspended'
       WHEN service_now() >= c.opens_at THEN 'open'
       ELSE 'forthcoming' END`;

/** Of a campaign `c`: its dates were announced, and it did not go back to draft since. */
export const IS_PUBLIC = `(c.event_version > 0 AND c.state <> 'draft' AND c.opens_at IS NOT NULL)`;

const PUBLIC_VIEW = `
  SELECT * FROM (
    SELECT c.campaign_id AS "campaignId", c.title, c.kind, ${PUBLIC_STATE} AS state, c.presentation, c.rules, c.audiences, c.zone,
           ${utc('c.opens_at')} AS "opensAt", ${utc('c.closes_at')} AS "closesAt", c.opens_at_local AS "opensAtLocal", c.closes_at_local AS "closesAtLocal",
           p.title AS programme, e.year
    FROM campaign AS c JOIN edition AS e USING (edition_id) JOIN programme AS p USING (programme_id)
    WHERE ${IS_PUBLIC}
  ) AS c`;

const position = z.object({ after: z.string(), id: z.uuid() });

@Injectable()
export class CampaignQueries {
  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  /** @throws CampaignUnknown. */
  async campaign(campaignId: string): Promise<CampaignView> {
    const [campaign] = await this.db.query<CampaignView[]>(`${STAFF_VIEW} WHERE c.campaign_id = $1`, [campaignId]);
    if (!campaign) throw new CampaignUnknown();
    return campaign;
  }

  /** Drafts too; by id. @throws CursorInvalid. */
  async campaigns({ state, limit, cursor }: ListQuery): Promise<Page<CampaignView>> {
    const after = cursor === undefined ? null : readCursor(this.config.CURSOR_KEY, cursor, position).id;
    const rows = await this.db.query<CampaignView[]>(
      `${STAFF_VIEW} WHERE ($1::text IS NULL OR c.state = $1) AND ($2::uuid IS NULL OR c.campaign_id > $2) ORDER BY c.campaign_id LIMIT $3`,
      [state ?? null, after, limit + 1],
    );
    return this.pageOf(rows, limit, (last) => ({ after: '', id: last.campaignId }));
  }

  /** @throws CampaignUnknown. */
  async checklist(campaignId: string): Promise<ChecklistItem[]> {
    const campaign = await this.db.manager.findOneBy(Campaign, { campaignId });
    if (!campaign) throw new CampaignUnknown();
    const at = await serviceNow(this.db.manager);
    return [...(await contentChecklist(this.db.manager, campaign)), ...datesChecklist(campaign, at, this.config.WINDOW_CHANGE_NOTICE_SECONDS * 1_000)];
  }

  /** In the order in which they happened. @throws CampaignUnknown. */
  async transitions(campaignId: string): Promise<TransitionView[]> {
    await this.campaign(campaignId);
    return this.db.query<TransitionView[]>(
      `SELECT action, from_state AS "fromState", to_state AS "toState", ${utc('at')} AS at, by_name AS by, reason FROM transition WHERE campaign_id = $1 ORDER BY position`,
      [campaignId],
    );
  }

  /** By opening, the latest first. @throws CursorInvalid. */
  async hub({ state, limit, cursor }: HubQuery): Promise<Page<PublicCampaign>> {
    const after = cursor === undefined ? null : readCursor(this.config.CURSOR_KEY, cursor, position);
    const rows = await this.db.query<PublicCampaign[]>(
      `${PUBLIC_VIEW} WHERE ($1::text IS NULL OR c.state = $1) AND ($2::text IS NULL OR (c."opensAt", c."campaignId") < ($2, $3::uuid))
       ORDER BY c."opensAt" DESC, c."campaignId" DESC LIMIT $4`,
      [state ?? null, after?.after ?? null, after?.id ?? null, limit + 1],
    );
    return this.pageOf(rows, limit, (last) => ({ after: last.opensAt, id: last.campaignId }));
  }

  /** @throws CampaignUnknown also while it is not public. */
  async publicCampaign(campaignId: string): Promise<PublicCampaign> {
    const [campaign] = await this.db.query<PublicCampaign[]>(`${PUBLIC_VIEW} WHERE c."campaignId" = $1`, [campaignId]);
    if (!campaign) throw new CampaignUnknown();
    return campaign;
  }

  /** Of a campaign that left its draft. */
  async revision(campaignId: string): Promise<Revision> {
    const [revision] = await this.db.query<Revision[]>(
      `SELECT c.version AS sequence, ${utc('(SELECT max(at) FROM transition AS t WHERE t.campaign_id = c.campaign_id)')} AS "changedAt" FROM campaign AS c WHERE c.campaign_id = $1`,
      [campaignId],
    );
    return revision!;
  }

  private pageOf<T>(rows: T[], limit: number, at: (last: T) => z.infer<typeof position>): Page<T> {
    const items = rows.slice(0, limit);
    return { items, next: rows.length > limit ? signCursor(this.config.CURSOR_KEY, at(items.at(-1)!)) : null };
  }
}
