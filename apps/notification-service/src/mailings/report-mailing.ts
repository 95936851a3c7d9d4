import { Inject, Injectable } from '@nestjs/common';
import { importJWK, SignJWT } from 'jose';
import type { EntityManager } from 'typeorm';
import { campaignCopy } from '../campaigns/campaign-copies.js';
import { CONFIG, type Config } from '../config.js';
import { freezeMembers } from './launch-mailing.js';

const LINK_DAYS = 30;

/** Brings a report to the members of the campaign's steering bodies. */
@Injectable()
export class ReportMailing {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Freezes the audience of report mailings that could not know it yet. */
  async freezeWaiting(tx: EntityManager, campaignId: string, at: Date): Promise<void> {
    const waiting = await tx.query<{ mailing_id: string; subject_id: string; report_id: string }[]>(
      `SELECT mailing_id, subject_id, content ->> 'reportId' AS report_id FROM mailing WHERE campaign_id = $1 AND kind = 'report' AND audience_frozen_at IS NULL FOR UPDATE`,
      [campaignId],
    );
    const campaign = waiting.length > 0 ? await campaignCopy(tx, campaignId) : undefined;
    if (!campaign) return;
    for (const { mailing_id: mailingId, subject_id: subjectId, report_id: reportId } of waiting) {
      await freezeMembers(tx, { mailingId, subjectId, reportId }, campaign, this.config.CONTACT_SEALING_PRIVATE_JWKS, (memberId) => this.linkFor(memberId, reportId, at), at);
    }
  }

  /** Valid 30 days from `at`, for one member and one report. */
  private async linkFor(memberId: string, reportId: string, at: Date): Promise<string> {
    const token = await new SignJWT({ reportId })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer('notification-service')
      .setAudience('reporting-service')
      .setSubject(memberId)
      .setExpirationTime(new Date(at.getTime() + LINK_DAYS * 86_400_000))
      .sign(await importJWK(this.config.REPORT_LINK_PRIVATE_JWK, 'EdDSA'));
    return `${this.config.REPORTING_PUBLIC_URL}/reports/${reportId}?token=${token}`;
  }
}
