import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface MailSink {
  readonly host: string;
  readonly port: number;
  /** Accepted mails, in order of arrival. */
  readonly mails: ParsedMail[];
  /** Set to refuse recipients: return the reply's code and text, undefined to accept. */
  onRecipient?: (address: string) => { code: number; text: string } | undefined;
  /** Set to refuse, or to wait, after the final dot. */
  onMessage?: (mail: ParsedMail) => Promise<{ code: number; text: string } | undefined>;
  stop(): Promise<void>;
}

const refusal = ({ code, text }: { code: number; text: string }): Error => Object.assign(new Error(text), { responseCode: code });

/** As the recipient's mail program reads it. */
export const readMail = (raw: Buffer): Promise<ParsedMail> => simpleParser(raw);

/** A real SMTP server on loopback that keeps what it accepts. */
export async function mailSink(): Promise<MailSink> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => {
      const refused = sink.onRecipient?.(address);
      done(refused ? refusal(refused) : null);
    },
    onData: (stream, _session, done) => {
      const receive = async (): Promise<void> => {
        const mail = await simpleParser(stream);
        const refused = await sink.onMessage?.(mail);
        if (refused) throw refusal(refused);
        sink.mails.push(mail);
      };
      receive().then(() => { done(); }, (error: unknown) => { done(error as Error); });
    },
  });
  // A client that goes away in the middle is part of what tests do.
  server.on('error', (error) => { process.emitWarning(error); });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sink: MailSink = {
    host: '127.0.0.1',
    port: (server.server.address() as AddressInfo).port,
    mails: [],
    stop: () => new Promise((resolve) => { server.close(() => { resolve(); }); }),
  };
  return sink;
}
