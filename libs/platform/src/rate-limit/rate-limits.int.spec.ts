import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createTestDatabase, testConfig, type TestDatabase, testServers } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Body, Controller, Get, Global, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomBytes } from 'node:crypto';
import { createClient } from 'redis';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { commonConfig, createApp, databaseOptions, DomainError, Limited, loadConfig, PlatformModule, platformMigrations, Public } from '../index.js';

class NotFound extends DomainError {
  readonly code = 'thing.unknown';
  readonly kind = 'not-found';
  readonly title = { fr: 'Inconnue', en: 'Unknown' };
}

let stored = 0;

@Public()
@Controller()
class Things {
  @Get('things')
  list(): object {
    return {};
  }

  @Post('campaigns/:campaignId/things')
  @Limited('filing', 'campaign-filing')
  store(@Body({ schema: z.strictObject({}) }) _body: object): object {
    stored++;
    return {};
  }

  @Get('right')
  @Limited('general', 'guessing')
  right(): object {
    return {};
  }

  @Get('wrong')
  @Limited('general', 'guessing')
  wrong(): never {
    throw new NotFound({ fr: 'Rien ici.', en: 'Nothing here.' });
  }
}

/** A Redis that can be taken away, or say nothing. */
class Between {
  private readonly sockets = new Set<Socket>();
  state: 'up' | 'silent' | 'down' = 'up';
  private readonly server = createServer((client) => {
    if (this.state === 'down') return client.destroy();
    const { hostname, port } = new URL(testServers().redisUrl);
    const upstream = connect(Number(port), hostname);
    for (const [one, other] of [[client, upstream], [upstream, client]] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined).on('close', () => { other.destroy(); this.sockets.delete(one); }).on('data', (bytes) => { if (this.state === 'up') other.write(bytes); });
    }
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  become(state: 'up' | 'silent' | 'down'): void {
    this.state = state;
    if (state === 'down') for (const socket of this.sockets) socket.destroy();
  }

  stop(): void {
    this.become('down');
    this.server.close();
  }
}

interface Replica {
  readonly app: NestFastifyApplication;
  readonly ask: (method: 'GET' | 'POST', path: string, headers?: Record<string, string>, from?: string) => Promise<{ status: number; headers: Record<string, unknown>; body: Record<string, unknown> }>;
  readonly metric: (name: string) => Promise<string | undefined>;
}

let database: TestDatabase;
const between = new Between();
let redisUrl: string;
const replicas: Replica[] = [];
/** One key: two replicas of one service. */
const RATE_LIMIT_KEY = randomBytes(32).toString('base64url');
const LIMITS = { 'general': { burst: 50, perMinute: 0.001 }, 'filing': { burst: 8, perMinute: 0.001 }, 'campaign-filing': { burst: 12, perMinute: 0.001 }, 'guessing': { burst: 8, perMinute: 0.001 } };

async function startReplica(settings: Record<string, string> = {}): Promise<Replica> {
  @Global()
  @Module({ providers: [{ provide: DataSource, useFactory: () => database.db }], exports: [DataSource] })
  class Database {}
  const config = loadConfig(commonConfig, testConfig({ REDIS_URL: redisUrl, RATE_LIMIT_KEY, RATE_LIMIT_SCALE: '1', RATE_LIMITS: JSON.stringify(LIMITS), TRUSTED_PROXIES: '127.0.0.0/8', ...settings }));
  const app = await createApp({ module: class Root {}, imports: [Database, PlatformModule.forRoot({ service: 'test', config })], controllers: [Things] }, { service: 'test', title: 'Essai', description: 'Essai', logger: false, config });
  await app.init();
  const fastify = app.getHttpAdapter().getInstance();
  await fastify.ready();
  const replica: Replica = {
    app,
    ask: async (method, path, headers = {}, from = '127.0.0.1') => {
      const reply = await fastify.inject({ method, url: path, remoteAddress: from, headers: { ...(method === 'POST' && { 'content-type': 'application/json' }), ...headers }, ...(method === 'POST' && { payload: '{}' }) });
      return { status: reply.statusCode, headers: reply.headers, body: reply.json() };
    },
    metric: async (name) => new RegExp(`^${name}(?:{[^}]*})? (.+)$`, 'm').exec((await fastify.inject('/metrics')).body)?.[1],
  };
  replicas.push(replica);
  return replica;
}

const shared = (replica: Replica, yes: boolean) => until(async () => (await replica.metric('cahier_rate_limits_alone')) === (yes ? '0' : '1'));
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(20);
}

let hosts = 0;
/** A client nobody has seen. */
const client = (): Record<string, string> => ({ 'x-forwarded-for': `198.51.100.${++hosts}` });
const file = (replica: Replica, headers: Record<string, string>, campaign = 'a') => replica.ask('POST', `/campaigns/${campaign}/things`, headers);
const statuses = async (times: number, ask: () => Promise<{ status: number }>): Promise<Record<number, number>> => {
  const counted: Record<number, number> = {};
  for (let i = 0; i < times; i++) {
    const { status } = await ask();
    counted[status] = (counted[status] ?? 0) + 1;
  }
  return counted;
};
const keys = async (): Promise<string[]> => {
  const redis = createClient({ url: testServers().redisUrl });
  await redis.connect();
  try {
    return await redis.keys('rate:*');
  } finally {
    redis.destroy();
  }
};

let one: Replica;
let other: Replica;

beforeAll(async () => {
  database = await createTestDatabase((at) => databaseOptions({ url: at, pool: 3, applicationName: 'test', entities: [], migrations: platformMigrations }));
  redisUrl = await between.start();
  one = await startReplica();
  other = await startReplica();
  await Promise.all([shared(one, true), shared(other, true)]);
});

afterAll(async () => {
  await Promise.all(replicas.map(({ app }) => app.close()));
  between.stop();
  await database.drop();
});

describe('a client over its limit', () => {
  it('is told so, with what it may do and when, and nothing was done', async () => {
    const from = client();
    const before = stored;
    const first = await file(one, from, 'b');
    expect([first.status, first.headers['ratelimit-policy'], first.headers['ratelimit']]).toEqual([201, '"filing";q=8;w=480000', '"filing";r=7;t=60000']);
    expect(await statuses(9, () => file(one, from, 'b'))).toEqual({ 201: 7, 429: 2 });
    expect(stored - before).toBe(8);

    const refused = await file(one, { ...from, 'accept-language': 'en' }, 'b');
    const seconds = Number(refused.headers['retry-after']);
    expect(refused.headers['ratelimit']).toMatch(/^"filing";r=0;t=4\d{5}$/);
    expect(refused.headers['x-content-type-options']).toBe('nosniff');
    expect(refused.body).toEqual({ type: '/problems/request.too-many', title: 'Too many requests', status: 429, detail: `Send the same request again in ${seconds} s.`, retryAfter: seconds, traceId: expect.any(String) });
    // A minute, and up to half of it more.
    expect(seconds).toBeGreaterThan(59_000);
    expect(seconds).toBeLessThanOrEqual(90_000);
    expect((await file(one, from, 'b')).body).toMatchObject({ title: 'Trop de demandes', detail: expect.stringMatching(/^Renvoyez la même demande dans \d+ s\.$/) });
    expect((await one.ask('GET', '/things', from)).status).toBe(200);
  });

  it('is refused before its body is read', async () => {
    const from = client();
    await statuses(8, () => file(one, from, 'c'));
    expect((await one.ask('POST', '/campaigns/c/things', { ...from, 'content-encoding': 'gzip' })).status).toBe(429);
  });

  it('is every host of a /64, and no other', async () => {
    const host = (address: string) => ({ 'x-forwarded-for': address });
    for (let i = 1; i <= 8; i++) expect((await file(one, host(`2001:db8:0:1::${i}`), 'd')).status).toBe(201);
    expect((await file(one, host('2001:db8:0:1:ffff::1'), 'd')).status).toBe(429);
    expect((await file(one, host('2001:db8:0:2::1'), 'd')).status).toBe(201);
  });

  it('may guess a few tokens, while right ones cost nothing', async () => {
    const from = client();
    expect(await statuses(20, () => one.ask('GET', '/right', from))).toEqual({ 200: 20 });
    expect(await statuses(10, () => one.ask('GET', '/wrong', from))).toEqual({ 404: 8, 429: 2 });
    expect((await one.ask('GET', '/right', from)).status).toBe(429);
    expect((await one.ask('GET', '/right', client())).status).toBe(200);
  });

  it('is limited for unknown routes as for others, never for those who operate the service', async () => {
    const from = client();
    expect(await statuses(51, () => one.ask('GET', '/nowhere', from))).toEqual({ 404: 50, 429: 1 });
    expect(await statuses(60, () => one.ask('GET', '/health/live', from))).toEqual({ 200: 60 });
  });
});

describe('a campaign over its limit', () => {
  it('refuses everybody and leaves other campaigns alone', async () => {
    const taken = await statuses(14, () => file(one, client(), 'rush'));
    expect(taken).toEqual({ 201: 12, 429: 2 });
    const refused = await file(one, client(), 'rush');
    // What a campaign has left is nobody's business.
    expect([refused.status, refused.headers['ratelimit']]).toEqual([429, '"filing";r=7;t=60000']);
    expect((await file(one, client(), 'calm')).status).toBe(201);
  });
});

describe('whom a forwarded address is believed (58)', () => {
  it('a trusted proxy: the last address that is not one', async () => {
    const spoofed = () => ({ 'x-forwarded-for': `203.0.113.${++hosts}, 198.51.100.250, 127.0.0.9`, 'x-real-ip': `203.0.113.${hosts}`, 'forwarded': `for=203.0.113.${hosts}`, 'cf-connecting-ip': `203.0.113.${hosts}` });
    expect(await statuses(10, () => file(one, spoofed(), 'e'))).toEqual({ 201: 8, 429: 2 });
  });

  it('nobody else, nor a list of fifty', async () => {
    const spoofed = () => ({ 'x-forwarded-for': Array.from({ length: 50 }, () => `203.0.113.${Math.ceil(Math.random() * 250)}`).join(', ') });
    expect(await statuses(10, () => one.ask('POST', '/campaigns/f/things', spoofed(), '198.51.100.251'))).toEqual({ 201: 8, 429: 2 });
  });

  it('nobody at all without configuration', async () => {
    const alone = await startReplica({ TRUSTED_PROXIES: '', RATE_LIMIT_KEY: randomBytes(32).toString('base64url') });
    await shared(alone, true);
    expect(await statuses(10, () => file(alone, client(), 'g'))).toEqual({ 201: 8, 429: 2 });
  });
});

describe('two replicas (60)', () => {
  it('share their limits', async () => {
    const from = client();
    expect(await statuses(8, () => file(one, from, 'h'))).toEqual({ 201: 8 });
    // The other one learns within a moment of its first request, and what it took meanwhile counts too.
    await until(async () => (await file(other, from, 'h')).status === 429);
    expect(await statuses(5, () => file(other, from, 'h'))).toEqual({ 429: 5 });
  });

  it('take twice the burst at most, all at once on both', async () => {
    const from = client();
    const campaign = { campaign: 'i' };
    const all = await Promise.all(Array.from({ length: 40 }, (_, i) => file(i % 2 ? one : other, from, `${campaign.campaign}${i}`)));
    expect(all.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(16);
  });

  it('tell Redis nothing that names a client', async () => {
    await file(one, { 'x-forwarded-for': '192.0.2.77' }, 'j');
    await until(async () => (await keys()).length > 0);
    for (const key of await keys()) expect(key).toMatch(/^rate:(general|filing|campaign-filing|subscribing|all-subscribing|guessing):[\w-]{22}$/);
  });
});

describe('while Redis is away (60)', () => {
  afterAll(async () => {
    between.become('up');
    await Promise.all([shared(one, true), shared(other, true)]);
  });

  it.each(['down', 'silent'] as const)('%s: a quarter of the limit is taken, never more, and readiness does not mind', async (state) => {
    between.become(state);
    await shared(one, false);
    expect(await statuses(10, () => file(one, client(), `k${state}`))).toEqual({ 201: 3, 429: 7 });
    const from = client();
    expect(await statuses(5, () => file(one, from, `l${state}`))).toEqual({ 201: 2, 429: 3 });
    expect((await one.ask('GET', '/health/ready')).body).toMatchObject({ status: 'up' });

    between.become('up');
    await shared(one, true);
    // What was taken meanwhile counts.
    expect((await file(one, from, `l${state}`)).status).toBe(429);
    expect((await file(one, client(), `m${state}`)).status).toBe(201);
  });
});
