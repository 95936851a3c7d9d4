import { createServer } from 'node:net';

/**
 * The least that an SMTP server can do: takes every mail and counts Message-IDs. Prints its port, and on every line of its
 * input the number of mails and of different Message-IDs so far.
 */
const seen = new Set<string>();
let mails = 0;

const server = createServer((socket) => {
  let buffer = '';
  let inData = false;
  socket.setNoDelay(true).on('error', () => undefined);
  socket.write('220 sink\r\n');
  socket.on('data', (chunk) => {
    buffer += chunk.toString('latin1');
    for (;;) {
      const end = inData ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n');
      if (end === -1) return;
      const part = buffer.slice(0, end);
      buffer = buffer.slice(end + (inData ? 5 : 2));
      if (inData) {
        mails++;
        seen.add(/^message-id: (.*)$/im.exec(part)?.[1] ?? '');
        inData = false;
        socket.write('250 taken\r\n');
      } else if (/^DATA/i.test(part)) {
        inData = true;
        socket.write('354 go on\r\n');
      } else if (/^QUIT/i.test(part)) socket.end('221 bye\r\n');
      else socket.write(/^EHLO/i.test(part) ? '250-sink\r\n250 8BITMIME\r\n' : '250 ok\r\n');
    }
  });
});
server.listen(0, '127.0.0.1', () => { process.stdout.write(`${(server.address() as { port: number }).port}\n`); });
process.stdin.on('data', () => { process.stdout.write(`${mails} ${seen.size}\n`); });
process.stdin.on('end', () => { process.exit(); });
