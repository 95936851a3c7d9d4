import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Config } from '../config.js';
import { Smtp } from './smtp.js';

const mail = { to: 'reader@example.org', messageId: '<1@example.org>', raw: Buffer.from('Subject: x\r\n\r\nx\r\n') };
let server: Server | undefined;
let taken = 0;
afterEach(() => { server?.close(); });

/** An SMTP server that ends the connection at one moment of its first exchange, and later behaves. */
async function smtpThatEndsAt(moment: 'greeting' | 'MAIL' | 'DATA' | 'dot' | 'never'): Promise<Smtp> {
  taken = 0;
  server = createServer((socket: Socket) => {
    let inData = false;
    let buffer = '';
    const end = (at: string): boolean => at === moment && (socket.destroy(), true);
    socket.on('error', () => undefined);
    if (end('greeting')) return;
    socket.write('220 hello\r\n');
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1');
      for (let at = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n'); at !== -1; at = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n')) {
        const line = buffer.slice(0, at);
        buffer = buffer.slice(at + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          taken++;
          if (end('dot')) return;
          socket.write('250 taken\r\n');
        } else if (line === 'DATA') {
          if (end('DATA')) return;
          inData = true;
          socket.write('354 go on\r\n');
        } else if (line.startsWith('MAIL')) {
          if (end('MAIL')) return;
          socket.write('250 ok\r\n');
        } else socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return new Smtp({ SMTP_URL: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, MAIL_CONCURRENCY: 1, MAIL_FROM: 'Cahier <a@example.org>', SMTP_TIMEOUT_SECONDS: 5 } as Config);
}

describe('a connection that ends', () => {
  it.each([
    ['greeting', 'unreachable', 0],
    ['MAIL', 'unreachable', 0],
    ['DATA', 'unreachable', 0],
    ['dot', 'unknown', 1],
    ['never', 'accepted', 1],
  ] as const)('at %s: %s, and nothing is sent a second time', async (moment, kind, mails) => {
    const smtp = await smtpThatEndsAt(moment);
    expect(await smtp.send(mail)).toEqual({ kind });
    smtp.onModuleDestroy();
    expect(taken).toBe(mails);
  });
});
