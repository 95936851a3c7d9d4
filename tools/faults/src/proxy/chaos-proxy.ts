import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Frames } from './frames.js';

export type Direction = 'toServer' | 'toClient';

/** What a proxy does to the bytes of one direction. */
export interface Weather {
  /** Added to each piece, milliseconds. */
  readonly latencyMs?: number;
  /** Nothing passes and nothing is said of it: as cables do. */
  readonly stalled?: boolean;
  /** Each connection breaks after so many bytes from now on. */
  readonly cutAfter?: number;
}

export interface Swallow {
  /** Put to the statement (or the name of a prepared one) and its command tag: `INSERT …`, `COMMIT`. */
  readonly statement: RegExp;
  /** What follows the silence. */
  readonly then: 'stall' | 'close';
  /** So many times; the connections after that are well. */
  readonly times: number;
}

/** PostgreSQL's messages can be swallowed; a Kafka broker's own address in its answers is replaced by the proxy's. */
export type Protocol = 'raw' | 'postgres' | 'kafka';

/** A TCP proxy on loopback whose faults are set while it runs; without any it changes nothing. */
export class ChaosProxy {
  private readonly pairs = new Set<Pair>();
  private weather: Partial<Record<Direction, Weather>> = {};
  private refusing = false;
  private swallowing: Swallow | undefined;
  private swallowed = 0;
  private disturbances = 0;

  private constructor(private readonly server: Server, private target: number, private readonly protocol: Protocol) {}

  /** @param target port on loopback. */
  static async start(target: number, protocol: Protocol = 'raw'): Promise<ChaosProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new ChaosProxy(server, target, protocol);
    server.on('connection', (client) => proxy.accept(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The server's port. */
  get leadsTo(): number {
    return this.target;
  }

  /** Another server takes the place of this one: every open connection ends. @param target port on loopback. */
  leadTo(target: number): void {
    this.target = target;
    this.reset();
  }

  get connections(): number {
    return this.pairs.size;
  }

  /** How many CommandComplete were swallowed since it started. */
  get hits(): number {
    return this.swallowed;
  }

  /** How often something was done to its connections. */
  get upsets(): number {
    return this.disturbances;
  }

  /** Replaces the weather of both directions, for open and for new connections. */
  set(weather: Partial<Record<Direction, Weather>>): void {
    if (Object.keys(weather).length > 0) this.disturbances++;
    this.weather = weather;
    for (const pair of this.pairs) pair.forecast();
  }

  /** New connections are reset at once, and the open ones too. */
  refuse(): void {
    this.refusing = true;
    this.reset();
  }

  /** Every open connection ends with RST on both sides. */
  reset(): void {
    this.disturbances++;
    for (const pair of this.pairs) pair.reset();
  }

  /** Every open connection is ended in one direction only. */
  halfClose(direction: Direction): void {
    this.disturbances++;
    for (const pair of this.pairs) pair.end(direction);
  }

  swallow(swallow: Swallow): void {
    this.disturbances += swallow.times;
    this.swallowing = swallow;
  }

  /** No fault any more. Connections that were hurt end, as if the network had noticed at last. */
  heal(): void {
    this.refusing = false;
    this.swallowing = undefined;
    this.set({});
    for (const pair of this.pairs) if (pair.isHurt) pair.reset();
  }

  async close(): Promise<void> {
    this.reset();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Of a pair. @internal */
  weatherOf(direction: Direction): Weather {
    return this.weather[direction] ?? {};
  }

  /** Whether this is one to swallow. @internal */
  takes(statement: string): Swallow | undefined {
    const swallow = this.swallowing;
    if (!swallow?.statement.test(statement)) return undefined;
    this.swallowed++;
    this.swallowing = swallow.times > 1 ? { ...swallow, times: swallow.times - 1 } : undefined;
    return swallow;
  }

  private accept(client: Socket): void {
    if (this.refusing) return void client.on('error', () => undefined).resetAndDestroy();
    const pair = new Pair(this, client, connect({ port: this.target, host: '127.0.0.1', allowHalfOpen: true }), this.protocol, { from: this.target, to: this.port });
    this.pairs.add(pair);
    pair.whenOver(() => this.pairs.delete(pair));
  }
}

/** A client's connection and the one to the server that belongs to it. */
class Pair {
  /** Something was held back or swallowed: the two sides no longer agree. */
  isHurt = false;
  private lastStatement = '';
  private readonly statements = new Map<string, string>();
  private readonly passed: Record<Direction, number> = { toServer: 0, toClient: 0 };
  private readonly ended = new Set<Direction>();
  private wakeUp = Promise.withResolvers<void>();
  private silent = false;

  constructor(private readonly proxy: ChaosProxy, private readonly client: Socket, private readonly server: Socket, private readonly protocol: Protocol, private readonly ports: { from: number; to: number }) {
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => this.reset());
    void this.pump('toServer', client, server);
    void this.pump('toClient', server, client);
  }

  whenOver(over: () => void): void {
    let open = 2;
    for (const socket of [this.client, this.server]) {
      socket.once('close', () => {
        this.forecast();
        if (--open === 0) over();
      });
    }
  }

  /** The weather has changed: whoever waits for it looks again. */
  forecast(): void {
    this.passed.toServer = this.passed.toClient = 0;
    this.wakeUp.resolve();
    this.wakeUp = Promise.withResolvers<void>();
  }

  reset(): void {
    for (const socket of [this.client, this.server]) if (!socket.destroyed) socket.resetAndDestroy();
    this.forecast();
  }

  end(direction: Direction): void {
    this.isHurt = true;
    this.ended.add(direction);
    (direction === 'toServer' ? this.server : this.client).end();
  }

  private async pump(direction: Direction, from: Socket, to: Socket): Promise<void> {
    const frames = this.framesOf(direction);
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        for (const piece of frames ? frames.push(chunk) : [chunk]) await this.pass(direction, this.look(direction, piece), to);
      }
      await this.calm(direction);
      to.end();
    } catch {
      this.reset(); // one side is gone: so is the other
    }
  }

  private async pass(direction: Direction, piece: Buffer | undefined, to: Socket): Promise<void> {
    if (piece === undefined) return;
    await this.calm(direction);
    const { latencyMs = 0, cutAfter = Infinity } = this.proxy.weatherOf(direction);
    if (latencyMs > 0) await sleep(latencyMs);
    if (to.destroyed || this.ended.has(direction) || (this.silent && direction === 'toClient')) return;
    const left = cutAfter - this.passed[direction];
    if (left <= 0) return; // cut already, and about to be reset: a network loses an end, never a middle
    this.passed[direction] += piece.length;
    const goesOn = to.write(piece.subarray(0, left));
    if (piece.length >= left) return void setImmediate(() => this.reset());
    if (!goesOn) await Promise.race([once(to, 'drain'), once(to, 'close')]);
  }

  /** Waits while the direction is stalled. */
  private async calm(direction: Direction): Promise<void> {
    while (this.proxy.weatherOf(direction).stalled === true && !this.client.destroyed && !this.server.destroyed) {
      this.isHurt = true;
      await this.wakeUp.promise;
    }
  }

  private framesOf(direction: Direction): Frames | undefined {
    if (this.protocol === 'postgres') return new Frames(1, true, direction === 'toServer' ? 1 : 0);
    return this.protocol === 'kafka' && direction === 'toClient' ? new Frames(0, false) : undefined;
  }

  /** @returns what goes on, or nothing. */
  private look(direction: Direction, piece: Buffer): Buffer | undefined {
    if (this.protocol === 'kafka' && direction === 'toClient') return renumbered(piece, this.ports);
    if (this.protocol !== 'postgres') return piece;
    if (direction === 'toServer') this.listen(piece);
    else if (String.fromCharCode(piece[0] ?? 0) === 'C') {
      const swallow = this.proxy.takes(`${this.lastStatement} ${piece.toString('latin1', 5, piece.length - 1)}`);
      if (swallow) {
        this.isHurt = this.silent = true;
        if (swallow.then === 'close') this.reset();
        return undefined;
      }
    }
    return piece;
  }

  /** What statement is under way: a simple query, a text to parse, or one that was parsed before. */
  private listen(frame: Buffer): void {
    const [first = '', second = ''] = frame.toString('latin1', 5, 4_000).split('\0');
    switch (String.fromCharCode(frame[0] ?? 0)) {
      case 'Q':
        this.lastStatement = first;
        break;
      case 'P':
        this.statements.set(first, second);
        break;
      case 'B':
        this.lastStatement = `${second} ${this.statements.get(second) ?? ''}`;
        break;
    }
  }
}

/** A broker names its own host and port in some answers: same length, another number. */
function renumbered(frame: Buffer, { from, to }: { from: number; to: number }): Buffer {
  const address = Buffer.from('127.0.0.1\0\0\0\0');
  address.writeUInt32BE(from, 9);
  const copy = Buffer.from(frame);
  for (let at = copy.indexOf(address); at !== -1; at = copy.indexOf(address, at + 1)) copy.writeUInt32BE(to, at + 9);
  return copy;
}
