import { DomainError, readCursor, signCursor } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { CONFIG, type Config } from '../config.js';
import type { DispatchesQuery, DispatchPage, DispatchView, MailingView, TroublesQuery } from './mailing.dto.js';

export class MailingUnknown extends DomainError {
  readonly code = 'mailing.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Envoi inconnu', en: 'Unknown mailing' };

  constructor() {
    super({ fr: 'Aucun envoi ne porte cet identifiant.', en: 'No mailing has this id.' });
  }
}

const utc = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const MAILINGS = `
  SELECT m.mailing_id AS "mailingId", m.kind, m.campaign_id AS "campaignId", ${utc('m.launched_at')} AS "launchedAt", ${utc('m.completed_at')} AS "completedAt",
         coalesce((SELECT jsonb_object_agg(state, n) FROM (SELECT state, count(*) AS n FROM dispatch AS d WHERE d.mailing_id = m.mailing_id GROUP BY state) AS c), '{}') AS counts
  FROM mailing AS m`;
const position = z.object({ after: z.string() });

@Injectable()
export class MailingQueries {
  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  mailings(campaignId: string): Promise<MailingView[]> {
    return this.db.query<MailingView[]>(`${MAILINGS} WHERE m.campaign_id = $1 ORDER BY m.launched_at, m.mailing_id`, [campaignId]);
  }

  /** @throws MailingUnknown. */
  async mailing(mailingId: string): Promise<MailingView> {
    const [mailing] = await this.db.query<MailingView[]>(`${MAILINGS} WHERE m.mailing_id = $1`, [mailingId]);
    if (!mailing) throw new MailingUnknown();
    return mailing;
  }

  /** @param inClear whether the asker may see addresses. @throws MailingUnknown, CursorInvalid. */
  async dispatches(mailingId: string, { state, ...page }: DispatchesQuery, inClear: boolean): Promise<DispatchPage> {
    await this.mailing(mailingId);
    return this.page('mailing_id = $3 AND ($4::text IS NULL OR state = $4)', [mailingId, state ?? null], page, inClear);
  }

  /** Of all mailings, oldest first; addresses in clear. @throws CursorInvalid. */
  async troubles({ state, decided, ...page }: TroublesQuery): Promise<DispatchPage> {
    return this.page('state = $3 AND ($4::boolean IS NULL OR $4 = coalesce(decided_at >= settled_at, false))', [state, decided ?? null], page, true);
  }

  private async page(condition: string, values: readonly unknown[], { limit, cursor }: { limit: number; cursor?: string | undefined }, inClear: boolean): Promise<DispatchPage> {
    const after = cursor === undefined ? '0' : readCursor(this.config.CURSOR_KEY, cursor, position).after;
    const rows = await this.db.query<(DispatchView & { position: string })[]>(
      `SELECT dispatch_id AS "dispatchId", mailing_id AS "mailingId", kind, address AS recipient, state, attempts, ${utc('settled_at')} AS "settledAt", cause, position,
              CASE WHEN decision IS NOT NULL THEN jsonb_build_object('what', decision, 'by', decided_by, 'at', ${utc('decided_at')}) END AS decision
       FROM dispatch WHERE ${condition} AND position > $1 ORDER BY position LIMIT $2`,
      [after, limit + 1, ...values],
    );
    const items = rows.slice(0, limit);
    return {
      items: items.map(({ position: _, recipient, ...row }) => ({ ...row, recipient: inClear ? recipient : masked(recipient) })),
      next: rows.length > limit ? signCursor(this.config.CURSOR_KEY, { after: items.at(-1)!.position }) : null,
    };
  }
}

/** j•••@example.org */
const masked = (address: string): string => address.replace(/^(.)[^@]*/u, '$1•••');
