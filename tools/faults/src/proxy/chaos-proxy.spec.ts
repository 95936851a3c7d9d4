import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChaosProxy } from './chaos-proxy.js';

const MOMENT_MS = 150;

describe('the chaos proxy', () => {
  let server: Server;
  let proxy: ChaosProxy;
  let atServer: Socket[];

  beforeEach(async () => {
    atServer = [];
    server = createServer({ allowHalfOpen: true }, (socket) => {
      atServer.push(socket.on('error', () => undefined));
      socket.on('data', (data: Buffer) => socket.write(data));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await ChaosProxy.start((server.address() as AddressInfo).port);
  });
  afterEach(async () => {
    await proxy.close();
    for (const socket of atServer) socket.destroy();
    server.close();
  });

  /** A client that remembers what it heard and how it ended. */
  async function client() {
    const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    const heard = { text: '', end: false, code: '' };
    socket.on('data', (data: Buffer) => (heard.text += data.toString()));
    socket.on('end', () => (heard.end = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (heard.code = error.code ?? ''));
    const closed = new Promise<void>((resolve) => { socket.once('close', () => resolve()); });
    await once(socket, 'connect');
    const hears = async (text: string) => { while (heard.text !== text) await sleep(5); };
    return { socket, heard, hears, closed };
  }

  it('changes nothing without a fault, the end of one direction included', async () => {
    const { socket, heard, hears } = await client();
    socket.write('hello');
    await hears('hello');
    const ended = once(atServer[0]!, 'end');
    socket.end();
    await ended;
    atServer[0]!.end('bye'); // the other direction still works
    await once(socket, 'end');
    expect(heard.text).toBe('hellobye');
  });

  it('leads to another server from now on, and ends what leads to the first', async () => {
    const before = await client();
    // The proxy may cut it off before it has ended by itself.
    const other = createServer((socket) => socket.on('error', () => undefined).end('the other')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    proxy.leadTo((other.address() as AddressInfo).port);
    while (before.heard.code !== 'ECONNRESET') await sleep(5);
    await (await client()).hears('the other');
    other.close();
  });

  it('delays', async () => {
    const { socket, hears } = await client();
    proxy.set({ toServer: { latencyMs: 200 } });
    const start = performance.now();
    socket.write('x');
    await hears('x');
    expect(performance.now() - start).toBeGreaterThan(190);
  });

  it.each(['toServer', 'toClient'] as const)('stalls %s in silence, then goes on with what was held', async (direction) => {
    const { socket, heard, hears } = await client();
    proxy.set({ [direction]: { stalled: true } });
    socket.write('held');
    await sleep(MOMENT_MS);
    expect(heard).toEqual({ text: '', end: false, code: '' });
    proxy.set({});
    await hears('held');
  });

  it('resets open connections, also those that are stalled', async () => {
    const { socket, heard, closed } = await client();
    proxy.set({ toServer: { stalled: true }, toClient: { stalled: true } });
    socket.write('x');
    await sleep(20);
    proxy.reset();
    await closed;
    expect(heard.code).toBe('ECONNRESET');
  });

  it('ends what was hurt when it heals, and leaves the others', async () => {
    const [hurt, untouched] = [await client(), await client()];
    proxy.set({ toServer: { stalled: true } });
    hurt.socket.write('x');
    await sleep(MOMENT_MS);
    proxy.heal();
    await hurt.closed;
    untouched.socket.write('y');
    await untouched.hears('y');
  });

  it('closes one direction only', async () => {
    const { socket, heard } = await client();
    socket.write('a');
    await sleep(MOMENT_MS);
    proxy.halfClose('toClient');
    await once(socket, 'end');
    const arrived = once(atServer[0]!, 'data');
    socket.write('b');
    expect(String((await arrived)[0])).toBe('b');
    expect(heard.text).toBe('a');
  });

  it('cuts after so many bytes', async () => {
    const { socket, heard, closed } = await client();
    proxy.set({ toClient: { cutAfter: 3 } });
    socket.write('abcdef');
    await closed;
    expect('abc'.startsWith(heard.text)).toBe(true); // RST may overtake what was written before it
    expect(heard.code).toBe('ECONNRESET');
  });

  it('refuses until it is healed', async () => {
    proxy.refuse();
    const socket = connect(proxy.port, '127.0.0.1');
    const [error] = await once(socket, 'error') as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    proxy.heal();
    const { socket: again, hears } = await client();
    again.write('z');
    await hears('z');
  });
});
