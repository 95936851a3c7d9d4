import { testConfig } from '@cahier/testing';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// A process of its own takes its time to start on a busy machine.
jest.setTimeout(30_000);

const children: ChildProcess[] = [];
afterEach(() => { for (const child of children.splice(0)) child.kill('SIGKILL'); });

/** A program on the built library, in a process of its own: signals and kills are real. */
function program(source: string, env: Record<string, string> = {}): { child: ChildProcess; line: (pattern: RegExp) => Promise<string>; exit: Promise<number | string | null> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { cwd: import.meta.dirname, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => { output += bytes.toString(); });
  const line = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const [found] = pattern.exec(output) ?? [];
      if (found !== undefined) return found;
      if (child.exitCode !== null) throw new Error(`${String(pattern)} was never printed: ${output}`);
      await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
    }
  };
  return { child, line, exit: new Promise((resolve) => child.once('exit', (code, signal) => { resolve(code ?? signal); })) };
}

const SERVICE = `
import { Controller, Get, Global, Module, StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import { DataSource } from 'typeorm';
import { commonConfig, createApp, loadConfig, PlatformModule, Public, serve } from '@cahier/platform';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import 'reflect-metadata';
class Slow { async get() { console.log('working'); await once(process, 'SIGTERM'); await sleep(300); return { whole: true }; } }
function* endless() { console.log('sending'); for (;;) yield Buffer.alloc(65_536); }
Slow.prototype.big = () => new StreamableFile(Readable.from(endless()));
Public()(Slow); Controller()(Slow);
for (const [path, method] of [['slow', 'get'], ['big', 'big']]) Get(path)(Slow.prototype, method, Object.getOwnPropertyDescriptor(Slow.prototype, method));
class Database {} ; Global()(Database); Module({ providers: [{ provide: DataSource, useValue: { query: async () => [] } }], exports: [DataSource] })(Database);
const config = loadConfig(commonConfig);
const app = await createApp({ module: class Root {}, imports: [Database, PlatformModule.forRoot({ service: 'slow', config })], controllers: [Slow] }, { service: 'slow', title: 'x', description: 'x', config });
await serve(app, config);
console.log('at ' + await app.getUrl());
`;

describe('a service', () => {
  it('that is told to stop finishes what it has and exits with 0', async () => {
    const { child, line, exit } = program(SERVICE, { ...testConfig(), LOG_LEVEL: 'silent' });
    const url = (await line(/at http\S+/)).slice(3).replace('[::1]', '127.0.0.1');
    const reply = fetch(`${url}/slow`, { headers: { connection: 'close' } });
    await line(/working/);
    child.kill('SIGTERM');
    child.kill('SIGINT');
    expect(await (await reply).json()).toEqual({ whole: true });
    expect(await exit).toBe(0);
    await expect(fetch(`${url}/slow`)).rejects.toThrow();
  });

  it('that stops says so to whoever still asks over an open connection, and when to come again', async () => {
    const { child, line, exit } = program(SERVICE, { ...testConfig(), LOG_LEVEL: 'silent' });
    const { port } = new URL((await line(/at http\S+/)).slice(3));
    const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept-Language: en\r\n\r\n`;
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(ask('/slow')));
    let replies = '';
    socket.on('data', (bytes) => { replies += bytes.toString(); });
    await line(/working/);
    child.kill('SIGTERM');
    const asking = setInterval(() => socket.write(ask('/things')), 20);
    await once(socket, 'close');
    clearInterval(asking);
    expect(replies).toContain('{"whole":true}');
    const refusal = replies.slice(replies.indexOf('HTTP/1.1 503'));
    expect(refusal).toMatch(/^HTTP\/1\.1 503 [^]*\r\ncontent-type: application\/problem\+json; charset=utf-8\r\n[^]*\r\n\r\n\{/i);
    expect(refusal).toMatch(/\r\nretry-after: [1-3]\r\n/i);
    expect(refusal).toMatch(/\r\nconnection: close\r\n/i);
    expect(refusal).toContain('{"retryAfter":');
    expect(refusal).toContain('"type":"/problems/service.stopping","title":"This server is stopping","status":503');
    expect(await exit).toBe(0);
  });
});

describe('a service that many come to at once', () => {
  const crowd = `${SERVICE}
const http = app.getHttpServer(); const { port } = new URL(await app.getUrl()); const { connect } = await import('node:net');
let taken = 0; http.on('connection', () => { taken++; });
const sockets = Array.from({ length: 100 }, () => connect(Number(port), '127.0.0.1'));
await Promise.all(sockets.map((socket) => once(socket, 'connect')));
let turns = 0;
for (; taken < 100; turns++) { for (const end = performance.now() + 2; performance.now() < end; ); await new Promise(setImmediate); }
console.log('all taken in ' + turns + ' turns');
for (const socket of sockets) socket.destroy();
`;

  it('takes up many connections in a turn of its loop', async () => {
    const { line } = program(crowd, { ...testConfig(), LOG_LEVEL: 'silent' });
    expect(Number((await line(/all taken in \d+ turns/)).split(' ')[3])).toBeLessThan(40);
  });

  it('does not share its port with another', async () => {
    const first = program(SERVICE, { ...testConfig(), LOG_LEVEL: 'silent' });
    const { port } = new URL((await first.line(/at http\S+/)).slice(3));
    const second = program(SERVICE, { ...testConfig(), LOG_LEVEL: 'silent', HTTP_PORT: port });
    expect(await second.exit).toBe(1);
  });
});

describe('a service with a client that no longer reads', () => {
  it('stops all the same, with 0', async () => {
    const { child, line, exit } = program(SERVICE, { ...testConfig(), LOG_LEVEL: 'silent' });
    const { hostname, port } = new URL((await line(/at http\S+/)).slice(3).replace('[::1]', '127.0.0.1'));
    const socket = connect(Number(port), hostname).pause();
    socket.on('error', () => undefined).write('GET /big HTTP/1.1\r\nHost: x\r\n\r\n');
    await line(/sending/);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    socket.destroy();
  });
});

describe('a fail point', () => {
  const source = "import { failpoint } from '@cahier/platform'; await failpoint('a'); await failpoint('b'); await failpoint('a'); console.log('passed');";
  const folder = mkdtempSync(join(tmpdir(), 'failpoint-'));
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  it('does nothing unless it is named', async () => {
    const { line, exit } = program(source);
    await line(/passed/);
    expect(await exit).toBe(0);
  });

  it('kills at the hit that was asked for, and says so', async () => {
    const log = join(folder, 'log');
    const { child, exit } = program(source, { FAILPOINTS: 'a=kill@2', FAILPOINTS_LOG: log });
    expect(await exit).toBe('SIGKILL');
    expect(readFileSync(log, 'utf8')).toBe(`a 2 ${child.pid}\n`);
  });
});
