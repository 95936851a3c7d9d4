import { createHash } from 'node:crypto';
import type { CampaignFacts, DispatchState, Language } from '@cahier/contracts';
import { continueTrace, describeFailure, failpoint, inTrace } from '@cahier/platform';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { contentOf } from '../mails/contents.js';
import { linkToken } from '../mails/links.js';
import { renderMail } from '../mails/render-mail.js';
import { judge, type Verdict } from './dispatch.policy.js';
import { MailWatch, type WatchedMail } from './mail-watch.js';
import { type OutgoingMail, Smtp } from './smtp.js';

interface Claimed extends WatchedMail {
  readonly dispatch_id: string;
  /** Null while the campaign has not been heard of. */
  readonly campaign: CampaignFacts | null;
  readonly address: string;
  readonly language: Language;
  readonly content: object;
  readonly mailing_content: object;
  readonly subscription_id: string | null;
  readonly attempts: number;
  readonly suppressed: boolean;
  readonly unsubscribed: boolean;
}

/** Campaigns are heard of by another topic: a mail about one that is not known yet waits. */
const UNKNOWN_CAMPAIGN_PAUSE_MS = 1_000;

/** Sends one row: the claim in the database decides who does, whatever the queue delivers. */
@Injectable()
export class SendMail {
  private readonly logger = new Logger(SendMail.name);

  constructor(private readonly db: DataSource, private readonly smtp: Smtp, private readonly watch: MailWatch, @Inject(CONFIG) private readonly config: Config) {}

  /** Does nothing for a row that is not pending. */
  async execute(dispatchId: string): Promise<void> {
    const row = await this.claim(dispatchId);
    if (!row) return;
    await failpoint('after-claim');
    if (row.suppressed) return this.settle(row, 'claimed', { state: 'suppressed' });
    if (row.unsubscribed) return this.settle(row, 'claimed', { state: 'unsubscribed' });

    const { campaign } = row;
    if (!campaign) return this.settle(row, 'claimed', { state: 'pending', pauseMs: UNKNOWN_CAMPAIGN_PAUSE_MS, counted: false });
    let mail: OutgoingMail;
    try {
      mail = this.compose(row, campaign);
    } catch (error) {
      // A hole in a mail is a bug of ours: an operator must know, and nobody gets « Bonjour undefined ».
      this.logger.error(`Dispatch ${row.dispatch_id} (${row.kind}) cannot be rendered: ${error instanceof Error ? error.name : 'unknown'}`);
      return this.settle(row, 'claimed', { state: 'failed', cause: 'The mail could not be rendered' });
    }

    if (!(await this.begin(row))) return;
    // A server may be slow at every step of an exchange: as long as this process lives, nobody takes its row for abandoned.
    const renewal = setInterval(() => { void this.renew(row); }, (this.config.DISPATCH_LEASE_SECONDS * 1_000) / 3);
    try {
      const outcome = await this.watch.exchange(row, () => this.smtp.send(mail));
      await failpoint('after-smtp-250');
      await this.settle(row, 'sending', judge(outcome, row.attempts, row.lane));
    } finally {
      clearInterval(renewal);
    }
  }

  private async claim(dispatchId: string): Promise<Claimed | undefined> {
    const [rows] = await this.db.query<[Claimed[], number]>(
      `UPDATE dispatch AS d SET state = 'claimed', claimed_at = service_now(), attempts = d.attempts + 1
       FROM mailing AS m
       WHERE d.dispatch_id = $1 AND m.mailing_id = d.mailing_id AND d.state = 'pending' AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= service_now())
       RETURNING d.dispatch_id, d.kind, (SELECT facts FROM campaign_copy AS c WHERE c.campaign_id = m.campaign_id) AS campaign, d.address, d.language, d.content, m.content AS mailing_content, d.subscription_id, d.lane, d.attempts, d.traceparent,
         extract(epoch FROM service_now() - coalesce((d.content ->> 'receivedAt')::timestamptz, d.created_at))::float AS waited,
         EXISTS (SELECT FROM suppression AS s WHERE s.recipient = d.recipient) AS suppressed,
         EXISTS (SELECT FROM subscription AS s WHERE s.subscription_id = d.subscription_id AND (s.state = 'unsubscribed' OR (s.state = 'confirmed' AND NOT s.kinds ? d.kind))) AS unsubscribed`,
      [dispatchId],
    );
    return rows[0];
  }

  private compose(row: Claimed, campaign: CampaignFacts): OutgoingMail {
    const { kind, language, subscription_id: subscriptionId } = row;
    const sender = campaign.rules.responsibleService.name[language];
    const content = contentOf(kind, { campaign, language, campaignUrl: `${this.config.CAMPAIGN_PUBLIC_URL}/campaigns/${campaign.campaignId}` }, row.mailing_content, row.content);
    // Receipts and legal notices are no list mail: there is nothing to unsubscribe from.
    const token = subscriptionId !== null && kind !== 'confirmation' ? linkToken(this.config.LINK_KEYS, 'manage', subscriptionId) : undefined;
    const unsubscribeUrl = `${this.config.PUBLIC_URL}/unsubscribe?token=${token}`;
    const links = token === undefined ? undefined : { unsubscribeUrl, preferencesUrl: `${this.config.PUBLIC_URL}/preferences?token=${token}` };
    const host = new URL(this.config.PUBLIC_URL).hostname;
    return {
      ...renderMail(content, language, sender, links),
      to: row.address,
      messageId: `<${row.dispatch_id}@${host}>`,
      headers: {
        'Auto-Submitted': 'auto-generated',
        'Content-Language': language,
        'Feedback-ID': `${createHash('sha256').update(campaign.campaignId).digest('hex').slice(0, 16)}:${kind}:cahier`,
        ...(links && { 'List-Id': `<${campaign.campaignId}.${host}>`, 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
      },
    };
  }

  /** From here on a crash leaves it open whether the mail was sent. @returns false when somebody took the row back meanwhile. */
  private async begin({ dispatch_id, attempts }: Claimed): Promise<boolean> {
    const [, changed] = await this.db.query<[unknown, number]>(
      `UPDATE dispatch SET state = 'sending', claimed_at = service_now() WHERE dispatch_id = $1 AND state = 'claimed' AND attempts = $2`,
      [dispatch_id, attempts],
    );
    return changed === 1;
  }

  private async renew({ dispatch_id, attempts }: Claimed): Promise<void> {
    await this.db.query(`UPDATE dispatch SET claimed_at = service_now() WHERE dispatch_id = $1 AND state = 'sending' AND attempts = $2`, [dispatch_id, attempts]).catch((error: unknown) => {
      this.logger.warn(`Dispatch ${dispatch_id} could not be kept: ${describeFailure(error)}`);
    });
  }

  private async settle(row: Claimed, from: DispatchState, verdict: Verdict | { state: 'suppressed' | 'unsubscribed' | 'failed'; cause?: string }): Promise<void> {
    if (verdict.state === 'pending') {
      await this.db.query(
        `UPDATE dispatch SET state = 'pending', claimed_at = NULL, queued_at = NULL, next_attempt_at = service_now() + $3 * interval '1 millisecond', attempts = attempts - $4
         WHERE dispatch_id = $1 AND state = $2 AND attempts = $5`,
        [row.dispatch_id, from, Math.round(verdict.pauseMs), verdict.counted ? 0 : 1, row.attempts],
      );
      return;
    }
    const cause = 'cause' in verdict ? verdict.cause : null;
    if (verdict.state === 'indeterminate') inTrace(continueTrace(row.traceparent), () => { this.logger.warn({ msg: 'A mail of unknown fate waits for an operator', dispatchId: row.dispatch_id, kind: row.kind }); });
    await this.db.query('UPDATE dispatch SET state = $3, settled_at = service_now(), cause = $4 WHERE dispatch_id = $1 AND state = $2 AND attempts = $5', [row.dispatch_id, from, verdict.state, cause ?? null, row.attempts]);
  }
}
