import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { CONFIG, type Config } from '../config.js';
import type { SmtpOutcome } from './dispatch.policy.js';

export interface OutgoingMail {
  readonly to: string;
  readonly messageId: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The SMTP server. One recipient a mail; no file and no URL is ever read into one. */
@Injectable()
export class Smtp implements OnModuleDestroy {
  private readonly transport: Transporter;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    const timeout = config.SMTP_TIMEOUT_SECONDS * 1_000;
    this.transport = createTransport({
      url: config.SMTP_URL,
      pool: true,
      maxConnections: config.MAIL_CONCURRENCY,
      maxMessages: Infinity,
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as never);
  }

  async send(mail: OutgoingMail): Promise<SmtpOutcome> {
    try {
      await this.transport.sendMail({ from: this.config.MAIL_FROM, ...mail, to: { name: '', address: mail.to }, envelope: { from: senderOf(this.config.MAIL_FROM), to: [mail.to] }, headers: { ...mail.headers } });
      return { kind: 'accepted' };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  onModuleDestroy(): void {
    this.transport.close();
  }
}

const senderOf = (mailbox: string): string => /<([^>]+)>/.exec(mailbox)?.[1] ?? mailbox;

/** What nodemailer's error says about whether the mail was sent. */
export function outcomeOf(error: unknown): SmtpOutcome {
  const { responseCode, command, code } = error as { responseCode?: unknown; command?: unknown; code?: unknown };
  if (typeof responseCode === 'number' && responseCode >= 400) return { kind: 'refused', code: responseCode };
  // nodemailer names the command that was under way: before DATA no server can have taken the message.
  if (command === 'DATA' || (command !== 'CONN' && ['ETIMEDOUT', 'ECONNECTION', 'ESOCKET', 'ECONNRESET', 'EPROTOCOL'].includes(String(code)) && command !== undefined)) return { kind: 'unknown' };
  return { kind: 'unreachable' };
}
