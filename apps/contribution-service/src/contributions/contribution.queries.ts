import type { ContributionStatus, authoredText, classification } from '@cahier/contracts';
import { readCursor, signCursor } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { z } from 'zod';
import { CONFIG, type Config } from '../config.js';
import { WindowQueries } from '../windows/window.queries.js';
import { listPosition, type ListQuery, type OwnContribution, type PublicContribution, type PublicContributions, type StaffContribution } from './contribution.dto.js';
import { ContributionUnknown } from './contribution.errors.js';
import { isManagementToken } from './management-token.js';

type Classification = z.output<typeof classification>;
type AuthoredText = z.output<typeof authoredText>;

/** Ids read at once when a whole campaign is streamed. */
const STREAM_ROWS = 5_000;

@Injectable()
export class ContributionQueries {
  constructor(private readonly db: DataSource, private readonly windows: WindowQueries, @Inject(CONFIG) private readonly config: Config) {}

  /** Those that their authors let be published, newest first. @throws CampaignUnknown, CursorInvalid. */
  async published(campaignId: string, { limit, cursor }: ListQuery): Promise<PublicContributions> {
    await this.windows.window(campaignId);
    const after = cursor === undefined ? undefined : readCursor(this.config.CURSOR_KEY, cursor, listPosition);
    const rows = await this.db.query<PublishedRow[]>(
      `SELECT contribution_id, instant(received_at) AS received_at, classification, text FROM contribution
       WHERE campaign_id = $1 AND status = 'filed' AND classification ->> 'publication' <> 'not-published'
         AND ($2::timestamptz IS NULL OR (received_at, contribution_id) < ($2, $3::uuid))
       ORDER BY received_at DESC, contribution_id DESC LIMIT $4`,
      // A cursor of another campaign leads nowhere.
      [campaignId, after?.campaignId === campaignId ? after.receivedAt : null, after?.contributionId ?? null, limit + 1],
    );
    const last = rows[limit - 1];
    const more = rows.length > limit && last !== undefined;
    return {
      contributions: rows.slice(0, limit).map(publicView),
      ...(more && { next: signCursor(this.config.CURSOR_KEY, { campaignId, receivedAt: last.received_at, contributionId: last.contribution_id }) }),
    };
  }

  /** @throws ContributionUnknown also for the token of another contribution. */
  async own(contributionId: string, token: string): Promise<OwnContribution> {
    const [row] = await this.db.query<(Omit<OwnContribution, 'text'> & { text: AuthoredText | null; tokenKey: number })[]>(
      `SELECT c.contribution_id AS "contributionId", c.campaign_id AS "campaignId", w.title AS "campaignTitle", c.filing_number AS "filingNumber",
              instant(c.received_at) AS "receivedAt", c.body_sha256 AS "bodySha256", c.status, instant(c.changed_at) AS "changedAt",
              instant(w.closes_at) AS "withdrawableUntil", c.status <> 'withdrawn' AND service_now() < w.closes_at AS withdrawable,
              c.classification, c.text, c.token_key AS "tokenKey"
       FROM contribution AS c JOIN campaign_window AS w USING (campaign_id) WHERE c.contribution_id = $1`,
      [contributionId],
    );
    if (!row || !isManagementToken(token, this.config.TOKEN_KEYS, row.tokenKey, contributionId)) throw new ContributionUnknown();
    const { tokenKey: _, text, ...view } = row;
    return { ...view, ...(text && { text }) };
  }

  /** @throws ContributionUnknown */
  async forStaff(contributionId: string): Promise<StaffContribution> {
    const [row] = await this.db.query<(Omit<StaffContribution, 'text'> & { text: AuthoredText | null })[]>(
      `SELECT contribution_id AS "contributionId", campaign_id AS "campaignId", filing_number AS "filingNumber", instant(received_at) AS "receivedAt",
              body_sha256 AS "bodySha256", status, version, classification, text,
              (SELECT coalesce(json_agg(json_build_object('action', action, 'reason', reason, 'by', actor_name, 'at', instant(at)) ORDER BY version), '[]')
               FROM moderation AS m WHERE m.contribution_id = c.contribution_id) AS moderation
       FROM contribution AS c WHERE contribution_id = $1`,
      [contributionId],
    );
    if (!row) throw new ContributionUnknown();
    const { text, ...view } = row;
    return { ...view, ...(text && { text }) };
  }

  /** Every contribution of the campaign in order of id, as lines of JSON. @throws CampaignUnknown before the first line. */
  async ids(campaignId: string): Promise<AsyncIterable<string>> {
    await this.windows.window(campaignId);
    return this.idLines(campaignId);
  }

  private async *idLines(campaignId: string): AsyncIterable<string> {
    let last = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await this.db.query<{ contributionId: string; bodySha256: string; status: ContributionStatus }[]>(
        `SELECT contribution_id AS "contributionId", body_sha256 AS "bodySha256", status FROM contribution
         WHERE campaign_id = $1 AND contribution_id > $2 ORDER BY contribution_id LIMIT $3`,
        [campaignId, last, STREAM_ROWS],
      );
      if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      if (rows.length < STREAM_ROWS) return;
      last = rows.at(-1)!.contributionId;
    }
  }
}

interface PublishedRow {
  readonly contribution_id: string;
  readonly received_at: string;
  readonly classification: Classification;
  readonly text: AuthoredText;
}

/** Names every field that leaves: a new one stays inside until somebody adds it here. */
function publicView({ contribution_id, received_at, classification, text }: PublishedRow): PublicContribution {
  const named = classification.publication === 'named';
  return {
    contributionId: contribution_id,
    receivedAt: received_at,
    kind: classification.kind,
    targets: classification.targets.map(({ type, id }, index) => ({ type, id, quote: text.quotes[index] ?? undefined })),
    stance: classification.stance,
    title: text.title,
    body: text.body,
    proposedWording: text.proposedWording,
    source: text.source,
    audience: classification.audience,
    language: classification.language,
    authorName: named ? text.authorName : undefined,
    organisation: named ? text.organisation : undefined,
  };
}
