import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../random.js';
import { type Behaviour, drawn } from './behaviour.js';
import { MailSink } from './mail-sink.js';

const TO = 'reader@example.org';

describe('the mail sink', () => {
  let folder: string;
  let sink: MailSink;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-mail-sink-'));
    sink = await MailSink.start(join(folder, 'mails.jsonl'));
  });
  afterEach(async () => {
    await sink.close();
    rmSync(folder, { recursive: true });
  });

  /** Sends one mail as a client does, until it is refused or the connection ends. @returns the codes of the replies. */
  async function send(behaviour: Behaviour): Promise<string> {
    sink.rule = () => behaviour;
    const socket = connect(sink.port, '127.0.0.1');
    let text = '';
    let over = false;
    socket.on('data', (data: Buffer) => (text += data.toString('latin1'))).on('error', () => undefined).on('close', () => (over = true));
    await once(socket, 'connect');
    const codes: string[] = [];
    const reply = async () => {
      while (!over && !/^\d{3} .*\r\n/m.test(text)) await new Promise((resolve) => setTimeout(resolve, 2));
      const code = /^(\d{3}) .*\r\n/m.exec(text)?.[1] ?? 'end';
      text = '';
      codes.push(code);
      return code;
    };
    await reply();
    for (const command of ['EHLO here', 'MAIL FROM:<a@example.org>', `RCPT TO:<${TO}>`, 'DATA', 'Message-ID: <m1@example.org>\r\nSubject: s\r\n\r\nMessage-ID: <no@example.org>\r\n..\r\n.']) {
      socket.write(`${command}\r\n`);
      if (!/^[23]/.test(await reply())) break;
    }
    socket.destroy();
    return codes.join(' ');
  }

  it.each<[Behaviour, string, string[]]>([
    ['well', '220 250 250 250 354 250', ['accepted']],
    ['421', '220 250 421', []],
    ['450', '220 250 250 450', []],
    ['550', '220 250 250 550', []],
    ['451', '220 250 250 250 354 451', []],
    ['552', '220 250 250 250 354 552', []],
    ['drop-after-data', '220 250 250 250 354 end', []],
    ['drop-after-dot', '220 250 250 250 354 end', ['doubtful']],
    ['slow-250', '220 250 250 250 354 250', ['accepted']],
    ['drip', '220 250 250 250 354 250', ['accepted']],
    ['one-of-three', '220 250 250 450', []],
  ])('%s: %s', async (behaviour, codes, verdicts) => {
    sink.slowMs = 50;
    sink.dripMs = 1;
    expect(await send(behaviour)).toMatch(new RegExp(`^${codes.replace('354 end', '(354 )?end')}$`)); // RST may overtake the 354
    expect(sink.taken.map(({ verdict }) => verdict)).toEqual(verdicts);
  });

  it('writes down the Message-ID and the recipient by its hash, nothing else', async () => {
    await send('well');
    const line = JSON.parse(readFileSync(join(folder, 'mails.jsonl'), 'utf8'));
    expect(line).toEqual({ messageId: '<m1@example.org>', recipientSha256: createHash('sha256').update(TO).digest('hex'), verdict: 'accepted', at: expect.any(String) });
  });

  it('accepts one recipient in three', async () => {
    expect([await send('one-of-three'), await send('one-of-three'), await send('one-of-three')].map((codes) => codes.endsWith('250'))).toEqual([false, false, true]);
  });

  it('offers STARTTLS and answers with garbage', async () => {
    sink.rule = () => 'tls-garbage';
    const socket = connect(sink.port, '127.0.0.1');
    let text = '';
    socket.on('data', (data: Buffer) => (text += data.toString('latin1')));
    socket.write('EHLO here\r\nSTARTTLS\r\n');
    await once(socket, 'close');
    expect(text).toMatch(/250 STARTTLS[\s\S]*220 2\.0\.0[\s\S]*garbage/);
  });

  it('draws the same behaviours from the same seed', () => {
    const many = (seed: number) => { const rule = drawn(new Random(seed), 0.5, ['450', '550']); return Array.from({ length: 50 }, (_, n) => rule(n)); };
    expect(many(7)).toEqual(many(7));
    expect(many(7)).not.toEqual(many(8));
    expect(new Set(many(7))).toEqual(new Set(['well', '450', '550']));
  });
});
