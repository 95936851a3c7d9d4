import { CLOCK, type Clock, continueTrace, describeFailure, failpoint, inTrace, isUnavailable } from '@cahier/platform';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { type MailIngredients, Templates } from '../mails/templates.js';
import type { Attempt } from './advance-dispatches.statement.js';
import { DispatchJournal } from './dispatch-journal.js';
import { judge, type SmtpOutcome } from './dispatch.policy.js';
import { MailWatch, type WatchedMail } from './mail-watch.js';
import { type OutgoingMail, Smtp } from './smtp.js';

/** `waited` until it was read. */
interface PendingMail extends MailIngredients, Attempt, WatchedMail {
  /** By `performance.now()`. */
  readonly readAt: number;
}

/** A mail that can be sent, written out when its turn comes. */
interface ReadyMail {
  readonly row: PendingMail;
  readonly write: (at: Date) => Omit<OutgoingMail, 'to'>;
}

/** Campaigns are heard of by another topic: a mail about one that is not known yet waits. */
const UNKNOWN_CAMPAIGN_PAUSE_SECONDS = 1;

/** Sends the rows of one job, one after the other: the claim in the database decides who does, whatever the queue delivers. */
@Injectable()
export class SendMails {
  private readonly logger = new Logger(SendMails.name);

  constructor(
    private readonly db: DataSource,
    private readonly templates: Templates,
    private readonly journal: DispatchJournal,
    private readonly smtp: Smtp,
    private readonly watch: MailWatch,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Does nothing for rows that are not pending. At no time is more than one mail of a job under way. @param stopping ends between two mails; the others are put in again at once. */
  async execute(dispatchIds: readonly string[], stopping?: AbortSignal): Promise<void> {
    const mails = await this.compose(await this.pending(dispatchIds));
    let ended: Promise<void> | undefined;
    for (const { row, write } of mails) {
      if (stopping?.aborted) break;
      const mail = { to: row.address, ...write(this.clock.now()) };
      const oursUntil = performance.now() + this.config.DISPATCH_LEASE_SECONDS * 1_000;
      // Said in one turn: the end of the last mail and the beginning of this one are one commit.
      const [begun] = await Promise.all([this.journal.begin(row), ended]);
      ended = begun ? this.end(row, await this.exchange(row, mail, oursUntil)) : undefined;
    }
    await ended;
    if (stopping?.aborted) await this.db.query(`UPDATE dispatch SET queued_at = NULL WHERE dispatch_id = ANY ($1::uuid[])`, [dispatchIds]);
  }

  private async pending(dispatchIds: readonly string[]): Promise<(Omit<PendingMail, 'campaignVersion'> & { campaignVersion: number | null })[]> {
    const rows: (Omit<PendingMail, 'campaignVersion' | 'readAt'> & { campaignVersion: number | null })[] = await this.db.query(
      // By id first: with the state beside it the planner may read all that is pending.
      `WITH asked AS MATERIALIZED (SELECT * FROM dispatch WHERE dispatch_id = ANY ($1::uuid[]))
       SELECT d.dispatch_id AS "dispatchId", d.mailing_id AS "mailingId", d.kind, m.campaign_id AS "campaignId", c.version AS "campaignVersion", d.address, d.language,
              d.content, m.content AS "mailingContent", d.subscription_id AS "subscriptionId", d.lane, d.attempts, d.traceparent,
              extract(epoch FROM service_now() - coalesce((d.content ->> 'receivedAt')::timestamptz, d.created_at))::float AS waited
       FROM asked AS d JOIN mailing AS m USING (mailing_id) LEFT JOIN campaign_copy AS c ON c.campaign_id = m.campaign_id
       WHERE d.state = 'pending' AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= service_now())
       ORDER BY d.position`,
      [dispatchIds],
    );
    const readAt = performance.now();
    return rows.map((row) => ({ ...row, readAt }));
  }

  private async compose(rows: Awaited<ReturnType<SendMails['pending']>>): Promise<ReadyMail[]> {
    const mails: ReadyMail[] = [];
    const early = rows.filter(({ campaignVersion }) => campaignVersion === null).map(({ dispatchId }) => dispatchId);
    for (const { campaignVersion, ...rest } of rows) {
      if (campaignVersion === null) continue;
      const row = { ...rest, campaignVersion };
      try {
        mails.push({ row, write: await this.templates.compose(row) });
      } catch (error) {
        if (isUnavailable(error)) throw error;
        await this.fail(row, error);
      }
    }
    if (early.length > 0) await this.db.query(`UPDATE dispatch SET queued_at = NULL, next_attempt_at = service_now() + $2 * interval '1 second' WHERE dispatch_id = ANY ($1::uuid[]) AND state = 'pending'`, [early, UNKNOWN_CAMPAIGN_PAUSE_SECONDS]);
    return mails;
  }

  /** A hole in a mail is a bug of ours: an operator must know, and nobody gets « Bonjour undefined ». */
  private async fail({ dispatchId, kind, attempts }: PendingMail, error: unknown): Promise<void> {
    this.logger.error(`Dispatch ${dispatchId} (${kind}) cannot be rendered: ${describeFailure(error)}`);
    await this.db.query(`UPDATE dispatch SET state = 'failed', settled_at = service_now(), cause = 'The mail could not be rendered' WHERE dispatch_id = $1 AND state = 'pending' AND attempts = $2`, [dispatchId, attempts]);
  }

  private async exchange(row: PendingMail, mail: OutgoingMail, oursUntil: number): Promise<SmtpOutcome> {
    await failpoint('after-claim');
    // This process stood still: another may have sent it. Whoever has the row now says what becomes of it.
    if (performance.now() > oursUntil) return { kind: 'unreachable' };
    // A server may be slow at every step: as long as this process lives, nobody takes its row for abandoned.
    const renewal = setInterval(() => { this.journal.renew(row); }, (this.config.DISPATCH_LEASE_SECONDS * 1_000) / 3);
    try {
      const waited = row.waited + (performance.now() - row.readAt) / 1_000;
      const outcome = await this.watch.exchange({ ...row, waited }, () => this.smtp.send(mail));
      await failpoint('after-smtp-250');
      return outcome;
    } finally {
      clearInterval(renewal);
    }
  }

  private end(row: PendingMail, outcome: SmtpOutcome): Promise<void> {
    const verdict = judge(outcome, row.attempts + 1, row.lane);
    if (verdict.state === 'indeterminate') inTrace(continueTrace(row.traceparent), () => { this.logger.warn({ msg: 'A mail of unknown fate waits for an operator', dispatchId: row.dispatchId, kind: row.kind }); });
    return this.journal.end(row, verdict);
  }
}
