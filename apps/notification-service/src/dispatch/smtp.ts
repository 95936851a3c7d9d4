import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import { CONFIG, type Config } from '../config.js';
import type { SmtpOutcome } from './dispatch.policy.js';

export interface OutgoingMail {
  readonly to: string;
  readonly messageId: string;
  /** The whole message, headers included. */
  readonly raw: Buffer;
}

/** The SMTP server. One recipient a mail; no file and no URL is ever read into one. */
@Injectable()
export class Smtp implements OnModuleDestroy {
  private readonly transport: Transporter;
  private readonly sender: string;

  constructor(@Inject(CONFIG) config: Config) {
    this.sender = senderOf(config.MAIL_FROM);
    const timeout = config.SMTP_TIMEOUT_SECONDS * 1_000;
    this.transport = createTransport({
      url: config.SMTP_URL,
      pool: true,
      maxConnections: config.MAIL_CONCURRENCY,
      maxMessages: Infinity,
      // Whether a mail is tried again is decided by its row, never by a connection.
      maxRequeues: 0,
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      disableFileAccess: true,
      disableUrlAccess: true,
    } as never);
    // nodemailer's errors do not say how far an exchange came. The message itself does: it is read once the server has said 354.
    this.transport.use('stream', ({ message, data }, done) => {
      const create = message.createReadStream.bind(message);
      message.createReadStream = (options) => {
        const stream = create(options);
        (data as { exchange?: Exchange }).exchange!.begun = () => stream.readableDidRead;
        return stream;
      };
      done();
    });
  }

  async send({ to, messageId, raw }: OutgoingMail): Promise<SmtpOutcome> {
    const exchange: Exchange = { begun: () => false };
    try {
      await this.transport.sendMail({ exchange, envelope: { from: this.sender, to: [to] }, messageId, raw } as never);
      return { kind: 'accepted' };
    } catch (error) {
      return outcomeOf(error, exchange.begun());
    }
  }

  onModuleDestroy(): void {
    this.transport.close();
  }
}

const senderOf = (mailbox: string): string => /<([^>]+)>/.exec(mailbox)?.[1] ?? mailbox;

/** How far an SMTP exchange came: whether a byte of the message was given to the server. */
interface Exchange {
  begun: () => boolean;
}

/** What nodemailer's error says. @param begun without it no server can have taken the message. */
export function outcomeOf(error: unknown, begun: boolean): SmtpOutcome {
  const { responseCode } = error as { responseCode?: unknown };
  if (typeof responseCode === 'number' && responseCode >= 400) return { kind: 'refused', code: responseCode };
  return { kind: begun ? 'unknown' : 'unreachable' };
}
