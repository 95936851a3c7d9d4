import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailLine } from '../sinks/mail-log.js';
import { type Behaviour, type Rule, well } from './behaviour.js';

/** An SMTP server on loopback that misbehaves by rule and writes down each mail it took: who wrote to whom, never what. */
export class MailSink {
  /** Changes while it runs. */
  rule: Rule = well;
  /** Of `slow-250`, milliseconds. */
  slowMs = 5_000;
  /** Of `drip`, per byte. */
  dripMs = 20;
  readonly taken: MailLine[] = [];
  /** Are given each mail it takes, as sent. Not kept. */
  readonly readers = new Set<(to: string, source: string) => void>();
  /** How often each behaviour was seen. */
  readonly seen = new Map<Behaviour, number>();
  private mails = 0;
  private recipients = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server, private readonly logFile: string | undefined) {}

  /** @param logFile gets a MailLine of JSON per mail. */
  static async start(logFile?: string): Promise<MailSink> {
    const server = createServer();
    const sink = new MailSink(server, logFile);
    server.on('connection', (socket) => {
      sink.sockets.add(socket.on('error', () => undefined).once('close', () => sink.sockets.delete(socket)));
      void new Session(sink, socket).run().catch(() => socket.destroy()); // the client may go away at any moment
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return sink;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  /** @internal */
  nextBehaviour(): Behaviour {
    const behaviour = this.rule(++this.mails);
    this.seen.set(behaviour, (this.seen.get(behaviour) ?? 0) + 1);
    return behaviour;
  }

  /** @internal */
  isOneOfThree(): boolean {
    return ++this.recipients % 3 === 0;
  }

  /** @internal */
  take(line: MailLine): void {
    this.taken.push(line);
    if (this.logFile !== undefined) appendFileSync(this.logFile, `${JSON.stringify(line)}\n`);
  }
}

/** One connection. */
class Session {
  private behaviour: Behaviour = 'well';
  private recipient = '';
  private readonly lines: AsyncIterator<string, undefined>;

  constructor(private readonly sink: MailSink, private readonly socket: Socket) {
    this.lines = linesOf(socket);
  }

  async run(): Promise<void> {
    await this.say('220 mail.example ESMTP');
    for (let line = await this.nextLine(); line !== undefined; line = await this.nextLine()) {
      const command = line.slice(0, 4).toUpperCase();
      if (command === 'QUIT') return void this.socket.end('221 2.0.0 Bye\r\n');
      await this.answer(command, line);
      if (this.socket.destroyed) return;
    }
  }

  private async nextLine(): Promise<string | undefined> {
    const next = await this.lines.next();
    return next.value;
  }

  private async answer(command: string, line: string): Promise<void> {
    switch (command) {
      case 'EHLO':
      case 'HELO':
        // Asked of the rule without counting a mail: the garbage begins before there is one.
        return this.say(this.sink.rule(0) === 'tls-garbage' ? '250-mail.example\r\n250 STARTTLS' : '250 mail.example');
      case 'STAR':
        await this.say('220 2.0.0 Go ahead');
        this.sink.seen.set('tls-garbage', (this.sink.seen.get('tls-garbage') ?? 0) + 1);
        return void this.socket.end(Buffer.from('00ff17030300garbage'));
      case 'MAIL':
        this.behaviour = this.sink.nextBehaviour();
        if (this.behaviour !== '421') return this.say('250 2.1.0 OK');
        await this.say('421 4.3.2 Shutting down');
        return void this.socket.end();
      case 'RCPT':
        return this.say(this.receive(line));
      case 'DATA':
        return this.data();
      case 'RSET':
      case 'NOOP':
        return this.say('250 2.0.0 OK');
      default:
        return this.say('502 5.5.2 Not here');
    }
  }

  private receive(line: string): string {
    if (this.behaviour === '450') return '450 4.2.1 Mailbox busy';
    if (this.behaviour === '550') return '550 5.1.1 No such mailbox';
    if (this.behaviour === 'one-of-three' && !this.sink.isOneOfThree()) return '450 4.2.1 Not this one';
    this.recipient = /<([^>]*)>/.exec(line)?.[1] ?? '';
    return '250 2.1.5 OK';
  }

  private async data(): Promise<void> {
    await this.say('354 Go on');
    if (this.behaviour === 'drop-after-data') return void this.socket.resetAndDestroy();
    const source = await this.readMail();
    if (source === undefined) return;
    const [, messageId = ''] = /^message-id:\s*(\S+)/im.exec(source) ?? [];
    switch (this.behaviour) {
      case '451':
        return this.say('451 4.3.0 Try again later');
      case '552':
        return this.say('552 5.3.4 Too big');
      case 'drop-after-dot':
        this.take(messageId, 'doubtful', source);
        return void this.socket.resetAndDestroy();
      case 'slow-250':
        await sleep(this.sink.slowMs);
    }
    this.take(messageId, this.socket.destroyed ? 'doubtful' : 'accepted', source);
    await this.say('250 2.0.0 Taken');
  }

  /** @returns it once the final dot has come. */
  private async readMail(): Promise<string | undefined> {
    const lines: string[] = [];
    for (let line = await this.nextLine(); line !== undefined; line = await this.nextLine()) {
      if (line === '.') return lines.join('\r\n');
      lines.push(line);
    }
    return undefined;
  }

  private take(messageId: string, verdict: MailLine['verdict'], source: string): void {
    for (const read of this.sink.readers) read(this.recipient, source);
    this.sink.take({ messageId, recipientSha256: createHash('sha256').update(this.recipient.toLowerCase()).digest('hex'), verdict, at: new Date(Date.now()).toISOString() });
  }

  private async say(reply: string): Promise<void> {
    const bytes = `${reply}\r\n`;
    if (this.behaviour !== 'drip') return void this.socket.write(bytes);
    for (const byte of bytes) {
      this.socket.write(byte);
      await sleep(this.sink.dripMs);
    }
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    const parts = (rest + chunk.toString('latin1')).split('\r\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  return undefined;
}
