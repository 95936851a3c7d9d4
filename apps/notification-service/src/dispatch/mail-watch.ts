import type { MailingKind } from '@cahier/contracts';
import { currentTraceparent, inSpan, Metrics } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SmtpOutcome } from './dispatch.policy.js';
import { type Lane, LANES } from './lanes.js';

/** What is measured of one mail. */
export interface WatchedMail {
  readonly kind: MailingKind;
  readonly lane: Lane;
  /** Of what caused it. */
  readonly traceparent: string | null;
  /** Since then – of a receipt, since the filing, by the clock of its service –, in seconds. */
  readonly waited: number;
}

/** What an operator watches of the mails. */
@Injectable()
export class MailWatch {
  private readonly exchanges;
  private readonly delays;

  constructor(metrics: Metrics, db: DataSource) {
    this.exchanges = metrics.histogram('cahier_smtp_exchange_seconds', 'One exchange with the mail server, by what it came to.', ['outcome'], [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60]);
    for (const outcome of ['accepted', 'refused', 'unreachable', 'unknown'] satisfies SmtpOutcome['kind'][]) this.exchanges.zero({ outcome });
    this.delays = metrics.histogram('cahier_mail_delay_seconds', 'From the cause of a mail – of a receipt, the filing – until the mail server took it.', ['lane'], [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600]);
    metrics.gauge('cahier_dispatches', 'Mails that are not finished, and those that wait for an operator, by lane and state.', ['lane', 'state'], async (gauge) => {
      const rows = await db.query<{ lane: Lane; state: string; n: number }[]>(
        `SELECT lane, state, count(*)::integer AS n FROM dispatch WHERE state IN ('pending', 'sending', 'indeterminate', 'failed') AND decision IS DISTINCT FROM 'leave' GROUP BY lane, state`,
      );
      for (const { lane, state, n } of rows) gauge.set({ lane, state }, n);
    });
    metrics.gauge('cahier_dispatch_wait_seconds', 'Age of the oldest mail of the lane to which no mail server has answered; 0 when there is none.', ['lane'], async (gauge) => {
      const rows = await db.query<{ lane: Lane; seconds: number }[]>(
        `SELECT lane, extract(epoch FROM service_now() - min(created_at))::float AS seconds FROM dispatch WHERE state = 'pending' AND attempts = 0 GROUP BY lane`,
      );
      for (const lane of LANES) gauge.set({ lane }, Math.max(0, rows.find((row) => row.lane === lane)?.seconds ?? 0));
    });
  }

  /** Measures one exchange with the mail server, as a span in the trace of what caused the mail. */
  async exchange({ kind, lane, traceparent, waited }: WatchedMail, send: () => Promise<SmtpOutcome>): Promise<SmtpOutcome> {
    const links = [currentTraceparent()];
    const begun = performance.now();
    const outcome = await inSpan(
      'send mail', traceparent, send, () => ({ kind: 'client', attributes: { 'cahier.mail.kind': kind, 'cahier.mail.lane': lane }, links }),
      (result) => ({ 'cahier.smtp.outcome': result.kind, ...(result.kind === 'refused' && { 'cahier.smtp.code': result.code }) }),
    );
    const took = (performance.now() - begun) / 1_000;
    this.exchanges.observe({ outcome: outcome.kind }, took);
    if (outcome.kind === 'accepted') this.delays.observe({ lane }, Math.max(0, waited + took));
    return outcome;
  }
}
