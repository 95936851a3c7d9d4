import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type MailSink, mailSink } from './index.js';

let sink: MailSink;
beforeEach(async () => { sink = await mailSink(); });
afterEach(() => sink.stop());

/** Sends line after line, each when the one before was answered; gives back the replies. */
async function talk(...lines: string[]): Promise<string[]> {
  const socket = connect(sink.port, sink.host);
  const replies: string[] = [];
  for (const line of ['', ...lines]) {
    if (line !== '') socket.write(`${line}\r\n`);
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    replies.push(bytes.toString().slice(0, 3));
  }
  socket.destroy();
  return replies;
}

const MAIL = 'Subject: =?utf-8?q?=C3=A9t=C3=A9?=\r\nTo: b@example.org\r\n\r\nBonjour\r\n.';

describe('the mail sink', () => {
  it('keeps what it accepted', async () => {
    expect(await talk('HELO x', 'MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.org>', 'DATA', MAIL)).toEqual(['220', '250', '250', '250', '354', '250']);
    expect(sink.mails.map(({ subject, text }) => [subject, text?.trim()])).toEqual([['été', 'Bonjour']]);
  });

  it('refuses a recipient, or a message after its final dot, as it is told', async () => {
    sink.onRecipient = (address) => (address === 'gone@example.org' ? { code: 550, text: 'no such person' } : undefined);
    sink.onMessage = () => Promise.resolve({ code: 451, text: 'later' });
    expect(await talk('HELO x', 'MAIL FROM:<a@example.org>', 'RCPT TO:<gone@example.org>', 'RCPT TO:<b@example.org>', 'DATA', MAIL)).toEqual(['220', '250', '250', '550', '250', '354', '451']);
    expect(sink.mails).toEqual([]);
  });
});
