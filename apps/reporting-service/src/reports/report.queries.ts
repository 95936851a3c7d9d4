import type { Bilingual } from '@cahier/contracts';
import { readCursor, signCursor } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { CONFIG, type Config } from '../config.js';
import type { Headline, ReportFile } from '../export/report-order.js';
import { heldContributions } from '../projections/intake-seal.queries.js';
import type { ListFilter, PublicReport, ReportList, ReportView } from './report.dto.js';
import { ReportFileUnknown, ReportUnknown } from './report.errors.js';

/** Files that say nothing which their authors did not want published. */
const PUBLIC_FILES = ['report.pdf', 'figures.json', 'manifest.json'];

interface ReportRow {
  readonly id: string;
  readonly campaign_id: string;
  readonly kind: ReportView['kind'];
  readonly number: string;
  readonly version: number;
  readonly state: ReportView['state'];
  readonly cutoff: Date;
  readonly requested_at: Date;
  readonly published_at: Date | null;
  readonly missing: number;
  readonly cause: string | null;
  readonly headline: Headline | null;
  readonly files: ReportFile[] | null;
  readonly attempt: number;
  readonly public: boolean;
  readonly member_ids: string[];
  /** Of the campaign. */
  readonly title: Bilingual | null;
  readonly zone: string | null;
}

/** What a download needs. */
export interface StoredFile {
  readonly report: { readonly id: string; readonly attempt: number };
  readonly file: ReportFile;
  /** As a browser saves it: of the report's number, never of what somebody typed. */
  readonly saveAs: string;
}

/** A report as somebody outside staff sees it. */
export interface SharedReport {
  readonly view: ReportView;
  readonly campaign: { readonly title: Bilingual | null; readonly zone: string };
  /** With every file, or with the public ones. */
  readonly whole: boolean;
  /** @throws ReportFileUnknown. */
  readonly file: (name: string) => StoredFile;
}

const position = z.object({ at: z.iso.datetime(), id: z.uuid() });

const SELECT = `
  SELECT report.report_id AS id, report.campaign_id, report.kind, report.number, report.version, report.state, report.cutoff, report.requested_at, report.published_at,
         report.missing, report.cause, report.headline, report.files, report.attempt, coalesce(campaign.member_ids, '{}') AS member_ids, campaign.facts -> 'title' AS title, campaign.zone,
         report.state = 'published' AND report.kind = 'closing' AND coalesce(campaign.state IN ('published', 'archived'), false) AS public
    FROM report LEFT JOIN campaign USING (campaign_id)`;
/** $1: steering bodies whose campaigns the caller sees; null for all. */
const VISIBLE = '($1::text[] IS NULL OR campaign.body_codes && $1::text[])';

@Injectable()
export class ReportQueries {
  constructor(private readonly db: DataSource, @Inject(CONFIG) private readonly config: Config) {}

  /** The latest first. */
  async list(bodies: readonly string[] | null, { campaignId, limit, cursor }: ListFilter): Promise<ReportList> {
    const after = cursor === undefined ? undefined : readCursor(this.config.CURSOR_KEY, cursor, position);
    const rows = await this.db.query<ReportRow[]>(
      `${SELECT} WHERE ${VISIBLE} AND ($2::uuid IS NULL OR report.campaign_id = $2) AND ($3::timestamptz IS NULL OR (report.requested_at, report.report_id) < ($3, $4))
       ORDER BY report.requested_at DESC, report.report_id DESC LIMIT $5`,
      [bodies, campaignId ?? null, after?.at ?? null, after?.id ?? null, limit + 1],
    );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const next = rows.length > limit && last ? signCursor(this.config.CURSOR_KEY, { at: last.requested_at.toISOString(), id: last.id }) : null;
    return { items: items.map((row) => this.viewOf(row)), next };
  }

  /** @throws ReportUnknown, also for a report that the caller may not see. */
  async one(reportId: string, bodies: readonly string[] | null): Promise<ReportView> {
    return this.viewOf(await this.visible(reportId, bodies));
  }

  /** @throws ReportUnknown, ReportFileUnknown. */
  async file(reportId: string, name: string, bodies: readonly string[] | null): Promise<StoredFile> {
    return fileOf(await this.visible(reportId, bodies), name);
  }

  /** Ids and digests that the projection holds of the report's campaign, as contribution-service lists its own: the two can be compared line by line. @throws ReportUnknown. */
  async heldIds(reportId: string, bodies: readonly string[] | null): Promise<AsyncIterable<string>> {
    const { campaign_id } = await this.visible(reportId, bodies);
    return idLines(heldContributions((sql, parameters) => this.db.query(sql, [...parameters]), campaign_id));
  }

  /** Of a campaign whose closing report staff made public; none before. */
  async published(campaignId: string): Promise<PublicReport[]> {
    const rows = await this.db.query<ReportRow[]>(`${SELECT} WHERE report.campaign_id = $1 AND report.state = 'published' AND report.kind = 'closing' ORDER BY report.version DESC`, [campaignId]);
    return rows.filter((row) => row.public).map((row) => publicOf(this.viewOf(row, '')));
  }

  /**
   * For the mail's link: everything for a member of one of the campaign's steering bodies, the public files for everybody once published.
   * @param member id from a verified link; undefined without one.
   * @returns undefined where neither applies.
   */
  async shared(reportId: string, member: string | undefined): Promise<SharedReport | undefined> {
    const [row] = await this.db.query<ReportRow[]>(`${SELECT} WHERE report.report_id = $1 AND report.state = 'published'`, [reportId]);
    // Somebody who left the steering body keeps the mail, not the access.
    const whole = member !== undefined && (row?.member_ids.includes(member) ?? false);
    if (!row || !(whole || row.public)) return undefined;
    const files = (row.files ?? []).filter(({ name }) => whole || PUBLIC_FILES.includes(name));
    return { view: this.viewOf({ ...row, files }, ''), campaign: { title: row.title, zone: row.zone ?? 'UTC' }, whole, file: (name) => fileOf({ ...row, files }, name) };
  }

  private async visible(reportId: string, bodies: readonly string[] | null): Promise<ReportRow> {
    const [row] = await this.db.query<ReportRow[]>(`${SELECT} WHERE ${VISIBLE} AND report.report_id = $2`, [bodies, reportId]);
    if (!row) throw unknown();
    return row;
  }

  private viewOf(row: ReportRow, path = '/staff'): ReportView {
    const { id, campaign_id, kind, number, version, state, cutoff, requested_at, published_at, missing, cause, headline, files } = row;
    return {
      reportId: id, campaignId: campaign_id, kind, number, version, provisional: kind === 'interim', state, cutoff: cutoff.toISOString(), requestedAt: requested_at.toISOString(),
      publishedAt: published_at?.toISOString() ?? null, missing, cause, headline,
      files: (files ?? []).map((file) => ({ ...file, url: `${this.config.PUBLIC_URL}${path}/reports/${id}/files/${file.name}` })),
    };
  }
}

export const unknown = () => new ReportUnknown({ fr: 'Aucun rapport de cet identifiant.', en: 'No report has this id.' });

function publicOf({ reportId, kind, number, version, cutoff, headline, files }: ReportView): PublicReport {
  return { reportId, kind, number, version, cutoff, headline, files: files.filter(({ name }) => PUBLIC_FILES.includes(name)) };
}

function fileOf({ id, attempt, number, version, files }: ReportRow, name: string): StoredFile {
  const file = files?.find((candidate) => candidate.name === name);
  if (!file) throw new ReportFileUnknown({ fr: 'Consultez la liste des fichiers du rapport.', en: 'See the list of the report’s files.' });
  return { report: { id, attempt }, file, saveAs: `${number}-v${version}-${name}` };
}

async function* idLines(rows: AsyncIterable<{ contribution_id: string; body_sha256: string; status: string }>): AsyncGenerator<string> {
  for await (const { contribution_id, body_sha256, status } of rows) yield `${JSON.stringify({ contributionId: contribution_id, bodySha256: body_sha256, status })}\n`;
}
