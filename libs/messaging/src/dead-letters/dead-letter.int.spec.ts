import { campaignOpened, consumers } from '@cahier/contracts';
import { commonConfig, createApp, DomainError, loadConfig, PlatformModule } from '@cahier/platform';
import { testConfig, testIssuer } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module, type DynamicModule } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { campaign, database, effects, eventually, recordEffect, topic } from '../harness.spec.js';
import { deliver, EventConsumer, MessagingModule, OnEvent, outboxFacts, type EventContext } from '../index.js';

class CampaignRefused extends DomainError {
  readonly code = 'test.campaign-refused';
  readonly kind = 'conflict';
  readonly title = { fr: 'x', en: 'x' };
}

let refuses = true;
/** What a handler waits for before it ends. */
let gate: Promise<void> = Promise.resolve();

@Controller()
class TrackCampaign {
  @OnEvent(...consumers['contribution-service']!['campaign.events']!.handled)
  async handle(@Payload() data: unknown, @Ctx() context: EventContext): Promise<void> {
    await recordEffect(data, context);
    await gate;
    if (refuses) throw new CampaignRefused('no');
  }
}

@Module({})
class Root {}

@Module({})
class Database {
  static with(db: DataSource): DynamicModule {
    return { module: Database, global: true, providers: [{ provide: DataSource, useValue: db }], exports: [DataSource] };
  }
}

let test: Awaited<ReturnType<typeof database>>;
let app: NestFastifyApplication;
let issuer: Awaited<ReturnType<typeof testIssuer>>;
beforeAll(async () => {
  test = await database();
  issuer = await testIssuer();
  const config = loadConfig(commonConfig, testConfig({ OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: issuer.audience, OIDC_JWKS_URL: issuer.jwksUrl }));
  const service = 'contribution-service';
  const imports = [Database.with(test.db), PlatformModule.forRoot({ service, config }), MessagingModule.forRoot({ service, config, facts: outboxFacts })];
  app = await createApp({ module: Root, imports, controllers: [TrackCampaign] }, { service, config, title: 'x', description: 'x', logger: false });
  await app.init();
});
afterAll(async () => {
  await app.close();
  await issuer.stop();
  await test.drop();
});
afterEach(async () => {
  refuses = true;
  await test.db.query('TRUNCATE effect, inbox, dead_letter');
});

async function call(method: 'GET' | 'POST', path: string, { roles = ['admin'], subject = 'op-1', body, language = 'en' }: { roles?: string[]; subject?: string; body?: object; language?: string } = {}) {
  const headers = { authorization: `Bearer ${await issuer.token({ roles, sub: subject })}`, 'accept-language': language };
  const reply = await app.inject({ method, url: `/staff/dead-letters${path}`, headers, ...(body ? { payload: body } : {}) });
  return { status: reply.statusCode, body: reply.json() };
}

async function deadLetter(): Promise<string> {
  await deliver(app, campaignOpened, campaign(), 1);
  const [{ id }] = await test.db.query('SELECT id FROM dead_letter ORDER BY failed_at DESC LIMIT 1');
  return id as string;
}

describe('dead letters', () => {
  it('are listed in pages, oldest first, by state, and show no word of the message', async () => {
    const ids = [await deadLetter(), await deadLetter(), await deadLetter()];
    await call('POST', `/${ids[0]}/discard`, { body: { reason: 'test campaign' } });

    const first = await call('GET', '?limit=2');
    expect(first.body['deadLetters'].map(({ deadLetterId }: { deadLetterId: string }) => deadLetterId)).toEqual(ids.slice(0, 2));
    const second = await call('GET', `?limit=2&cursor=${first.body['nextCursor']}`);
    expect(second.body).toEqual({ deadLetters: [expect.objectContaining({ deadLetterId: ids[2] })] });
    expect((await call('GET', '?state=discarded')).body['deadLetters']).toHaveLength(1);

    const { body } = await call('GET', `/${ids[1]}`);
    expect(body).toMatchObject({ topic, partition: -1, eventType: campaignOpened.type, state: 'open', attempts: 1, cause: expect.stringContaining('test.campaign-refused'), settledBy: null });
    expect(JSON.stringify(body)).not.toContain('consultation');
  });

  it('are for administrators', async () => {
    const id = await deadLetter();
    for (const [method, path] of [['GET', ''], ['GET', `/${id}`], ['POST', `/${id}/replay`], ['POST', `/${id}/discard`]] as const) {
      expect(await call(method, path, { roles: ['campaign-manager', 'moderator', 'analyst', 'steering-member', 'mail-operator'] })).toMatchObject({ status: 403 });
    }
  });

  it('that nobody knows are 404', async () => {
    expect(await call('GET', `/${randomUUID()}`)).toMatchObject({ status: 404, body: { type: '/problems/dead-letter.unknown' } });
    expect(await call('POST', `/${randomUUID()}/replay`)).toMatchObject({ status: 404 });
    expect(await call('POST', `/${randomUUID()}/discard`, { body: { reason: 'x' } })).toMatchObject({ status: 404 });
    expect(await call('GET', '/42')).toMatchObject({ status: 400 });
  });
});

describe('a replay', () => {
  it('handles the message once, however often it is asked for', async () => {
    const id = await deadLetter();
    refuses = false;
    const replies = await Promise.all([call('POST', `/${id}/replay`), call('POST', `/${id}/replay`)]);
    replies.push(await call('POST', `/${id}/replay`, { subject: 'op-2' }));
    for (const reply of replies) expect(reply).toMatchObject({ status: 200, body: { state: 'replayed', settledBy: 'op-1' } });
    expect(await effects(test.db)).toHaveLength(1);
  });

  it('of an event that arrived again in the meantime has no second effect', async () => {
    const data = campaign();
    await deliver(app, campaignOpened, data, 1);
    refuses = false;
    await deliver(app, campaignOpened, data, 1);
    const [{ id }] = await test.db.query('SELECT id FROM dead_letter');
    expect(await call('POST', `/${id}/replay`)).toMatchObject({ status: 200, body: { state: 'replayed' } });
    expect(await effects(test.db)).toHaveLength(1);
  });

  it('that fails again leaves it open, with the new cause and no effect', async () => {
    const id = await deadLetter();
    expect(await call('POST', `/${id}/replay`)).toMatchObject({ status: 409, body: { type: '/problems/dead-letter.replay-failed', detail: expect.stringContaining('CampaignRefused test.campaign-refused') } });
    expect(await call('GET', `/${id}`)).toMatchObject({ body: { state: 'open', attempts: 2 } });
    expect(await effects(test.db)).toEqual([]);
  });

  it('of what is not an event fails without quoting it', async () => {
    await app.get(EventConsumer).receive(topic, ['camille.durand@example.org']);
    const [{ id }] = await test.db.query('SELECT id FROM dead_letter');
    const reply = await call('POST', `/${id}/replay`, { language: 'fr' });
    expect(reply).toMatchObject({ status: 409, body: { detail: 'Cause : SyntaxError: not JSON' } });
  });
});

describe('a discard', () => {
  it('needs a reason, which stays with it', async () => {
    const id = await deadLetter();
    for (const body of [{}, { reason: ' ' }, { reason: 'x', other: 1 }]) expect(await call('POST', `/${id}/discard`, { body })).toMatchObject({ status: 400 });
    expect(await call('POST', `/${id}/discard`, { body: { reason: 'test campaign' } })).toMatchObject({ status: 200, body: { state: 'discarded', reason: 'test campaign', settledBy: 'op-1', settledAt: expect.any(String) } });
    expect(await call('POST', `/${id}/discard`, { body: { reason: 'again' } })).toMatchObject({ status: 200, body: { reason: 'test campaign' } });
  });

  it('and a replay exclude each other', async () => {
    const [discarded, replayed] = [await deadLetter(), await deadLetter()];
    await call('POST', `/${discarded}/discard`, { body: { reason: 'x' } });
    expect(await call('POST', `/${discarded}/replay`)).toMatchObject({ status: 409, body: { type: '/problems/dead-letter.settled' } });
    refuses = false;
    await call('POST', `/${replayed}/replay`);
    expect(await call('POST', `/${replayed}/discard`, { body: { reason: 'x' } })).toMatchObject({ status: 409 });
    expect(await effects(test.db)).toHaveLength(1);
  });
});

describe('the audit trail', () => {
  it('names who replayed, in vain or not, and who discarded; nothing that changed nothing', async () => {
    const trail = async () => (await app.inject({ method: 'GET', url: '/staff/actions?limit=100', headers: { authorization: `Bearer ${await issuer.token({ roles: ['admin'] })}` } })).json<{ items: object[] }>().items;
    const before = (await trail()).length;
    const [vain, discarded] = [await deadLetter(), await deadLetter()];
    await call('POST', `/${vain}/replay`, { subject: 'op-1' });
    refuses = false;
    await call('POST', `/${vain}/replay`, { subject: 'op-2' });
    await call('POST', `/${discarded}/discard`, { subject: 'op-3', body: { reason: 'test' } });
    for (const again of [`/${vain}/replay`, `/${vain}/discard`, `/${discarded}/discard`, `/${discarded}/replay`, `/${randomUUID()}/replay`]) await call('POST', again, { subject: 'op-4', body: { reason: 'x' } });
    expect((await trail()).slice(0, -before || undefined)).toEqual([
      expect.objectContaining({ subject: 'op-3', action: 'dead-letter.discard', targetId: discarded }),
      expect.objectContaining({ subject: 'op-2', action: 'dead-letter.replay', targetId: vain }),
      expect.objectContaining({ subject: 'op-1', action: 'dead-letter.replay', targetId: vain, campaignId: null, traceId: expect.stringMatching(/^[0-9a-f]{32}$/) }),
    ]);
  });
});

describe('a discard during a replay', () => {
  it('waits for its end, and finds it replayed', async () => {
    const id = await deadLetter();
    refuses = false;
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const replay = call('POST', `/${id}/replay`);
    await eventually('the handler is at work', async () => (await test.db.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'`)).length > 0);
    let answered = false;
    const discard = call('POST', `/${id}/discard`, { body: { reason: 'x' } }).finally(() => (answered = true));
    await eventually('the discard waits', async () => answered || (await test.db.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).length > 0);
    open();
    expect(await replay).toMatchObject({ status: 200, body: { state: 'replayed' } });
    expect(await discard).toMatchObject({ status: 409 });
  });
});

describe('the operator', () => {
  it('sees dead letters, the outbox and what became of messages in the metrics', async () => {
    await deadLetter();
    await test.db.query(`INSERT INTO outbox (id, topic, key, envelope, created_at) VALUES (gen_random_uuid(), 't', 'k', '{}', now() - interval '90 s')`);
    const metrics = (await app.inject({ method: 'GET', url: '/metrics' })).body;
    expect(metrics).toMatch(/^cahier_dead_letters 1$/m);
    expect(metrics).toMatch(/^cahier_inbox_events_total\{outcome="dead-letter"\} \d+$/m);
    expect(Number(/^cahier_outbox_age_seconds (.*)$/m.exec(metrics)?.[1])).toBeGreaterThanOrEqual(90);
  });

  it('sees the same in the status, wherever he signs in from', async () => {
    await deadLetter();
    const { statusCode, body } = await app.inject({ method: 'GET', url: '/staff/status', headers: { authorization: `Bearer ${await issuer.token({ roles: ['admin'] })}` } });
    expect([statusCode, JSON.parse(body)]).toEqual([200, { ready: false, parts: { database: 'up', events: 'down' }, figures: { 'outbox-age-seconds': expect.any(Number), 'dead-letters': 1, 'consumer-lag-messages': 0 } }]);
  });

  it('sees that a service which does not read its events is not ready', async () => {
    const { statusCode, body } = await app.inject({ method: 'GET', url: '/health/ready' });
    expect([statusCode, JSON.parse(body)]).toEqual([503, expect.objectContaining({ parts: expect.objectContaining({ events: 'down', database: 'up' }) })]);
  });
});
