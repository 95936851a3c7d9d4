import type { CampaignFacts } from '@cahier/contracts';
import { shiftClock } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { act, content, draft, MARKDOWN, scheduled, startService, type TestService } from '../harness.spec.js';
import { Scheduler } from '../schedule/scheduler.js';

let service: TestService;
beforeAll(async () => { service = await startService({ WINDOW_CHANGE_NOTICE_SECONDS: '60' }); });
afterAll(async () => { await service.stop(); });
afterEach(async () => { await shiftClock(service.db, { by: 0 }); });

const at = (instant: string) => shiftClock(service.db, { to: new Date(instant) });
const types = async (key: string): Promise<string[]> => (await service.said(key)).map(({ type }) => type);
const publicly = (path: string) => service.ask('GET', path, undefined, { token: null });

/** Opens at 08:00 UTC on 2030-03-01 and closes at 16:00 UTC on 2030-04-15; open by the schedule. */
async function opened() {
  const { campaignId } = await scheduled(service);
  await at('2030-03-01T08:00:00Z');
  await service.app.get(Scheduler).fireAll();
  await service.db.query('UPDATE outbox SET published_at = now() WHERE published_at IS NULL');
  return campaignId;
}

describe('a change', () => {
  it.each([
    ['schedule', {}], ['reschedule', { zone: 'UTC', opensAtLocal: '2031-01-01T00:00', closesAtLocal: '2031-02-01T00:00' }], ['unschedule', {}],
    ['extend', { closesAtLocal: '2031-01-01T00:00', reason: 'r' }], ['cancel', { reason: 'r' }], ['publish', {}],
  ])('to %s needs an entity tag', async (action, body) => {
    const { campaignId } = await draft(service);
    expect((await service.ask('POST', `/staff/campaigns/${campaignId}/${action}`, body)).status).toBe(428);
    expect((await service.ask('POST', `/staff/campaigns/${campaignId}/${action}`, body, { tag: '"7"' })).status).toBe(412);
    expect((await service.ask('POST', `/staff/campaigns/${campaignId}/${action}`, body, { tag: '"1"', token: await service.issuer.token({ roles: ['analyst'] }) })).status).toBe(403);
  });

  it('of which several come at once happens once: the others read again', async () => {
    const campaignId = await opened();
    const tag = String((await service.ask('GET', `/staff/campaigns/${campaignId}`)).headers['etag']);
    const replies = await Promise.all(Array.from({ length: 6 }, (_, i) => (i % 2 === 0
      ? service.ask('POST', `/staff/campaigns/${campaignId}/extend`, { closesAtLocal: `2030-05-0${i + 1}T18:00`, reason: 'Affluence' }, { tag })
      : service.ask('POST', `/staff/campaigns/${campaignId}/cancel`, { reason: 'Abandon' }, { tag }))));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
    expect((await service.said(campaignId)).map(({ aggregateversion }) => aggregateversion)).toEqual([1, 2, 3, 4]);
  });
});

describe('extending', () => {
  it('moves the closing later and nothing else', async () => {
    const campaignId = await opened();
    const extend = (body: object) => act(service, campaignId, 'extend', body);
    expect((await extend({ closesAtLocal: '2030-05-01T18:00' })).body.errors).toEqual([expect.objectContaining({ pointer: '/reason' })]);
    expect((await extend({ closesAtLocal: '2030-04-15T17:59', reason: 'r' })).body).toMatchObject({ status: 422, type: '/problems/campaign.dates-refused' });
    await at('2030-04-15T15:59:01Z');
    // The closing is nearer than what everybody needs to hear of it.
    expect((await extend({ closesAtLocal: '2030-05-01T18:00', reason: 'r' })).body).toMatchObject({ status: 422, type: '/problems/campaign.dates-refused', noticeSeconds: 60 });
    expect(await types(campaignId)).not.toContain('campaign.deadline-extended.v1');
    await at('2030-04-15T15:58:00Z');
    expect((await extend({ closesAtLocal: '2030-05-01T18:00', reason: 'Forte affluence' })).body.closesAt).toBe('2030-05-01T16:00:00.000Z');
    expect((await service.said(campaignId)).at(-1)!.data).toMatchObject({ reason: 'Forte affluence', previousClosesAt: '2030-04-15T16:00:00.000Z', window: { closesAtLocal: '2030-05-01T18:00' } });
  });

  it('of a campaign that is not open is a matter of state, not of dates', async () => {
    const { campaignId } = await scheduled(service);
    expect((await act(service, campaignId, 'extend', { closesAtLocal: '2020-01-01T00:00', reason: 'r' })).body).toMatchObject({ status: 409, type: '/problems/campaign.action-not-possible', state: 'scheduled' });
  });
});

describe('cancelling', () => {
  it('comes too late once the closing has passed, also before the schedule has fired', async () => {
    const campaignId = await opened();
    await at('2030-04-15T16:00:00Z');
    expect((await act(service, campaignId, 'cancel', { reason: 'Trop tard' })).status).toBe(422);
    await service.app.get(Scheduler).fireAll();
    expect((await act(service, campaignId, 'cancel', { reason: 'Trop tard' })).status).toBe(409);
    expect((await act(service, campaignId, 'publish')).body.state).toBe('published');
    expect((await types(campaignId)).slice(-2)).toEqual(['campaign.closed.v1', 'campaign.published.v1']);
  });

  it('ends what had gone back to draft without a word, also when it is no longer complete', async () => {
    const { campaignId, editionId, bodyId } = await scheduled(service);
    const { tag } = await act(service, campaignId, 'unschedule');
    const { presentation: _, ...incomplete } = content(editionId, [bodyId]);
    expect((await service.ask('PUT', `/staff/campaigns/${campaignId}`, incomplete, { tag })).status).toBe(200);
    expect((await act(service, campaignId, 'cancel', { reason: 'Abandon' })).body.state).toBe('cancelled');
    expect((await types(campaignId)).at(-1)).toBe('campaign.unscheduled.v1');
    for (const path of ['', '/document', '/calendar.ics']) expect((await publicly(`/campaigns/${campaignId}${path}`)).status).toBe(404);
  });
});

describe('the document', () => {
  it('is sent again only when it has changed', async () => {
    const { campaignId } = await scheduled(service);
    const read = (known?: string) => service.ask('GET', `/campaigns/${campaignId}/document`, undefined, { token: null, ...(known !== undefined && { known }) });
    const first = await read();
    const tag = String(first.headers['etag']);
    expect([first.status, first.headers['cache-control']]).toEqual([200, 'no-cache']);
    const second = await read(tag);
    expect([second.status, second.text, second.headers['etag']]).toEqual([304, '', tag]);
    await service.ask('PUT', `/staff/campaigns/${campaignId}/document`, `${MARKDOWN}\nEncore.\n`, { type: 'text/markdown' });
    expect((await read(tag)).status).toBe(200);
  });

  it('no longer changes from the opening instant on, whatever the schedule has fired', async () => {
    const { campaignId } = await scheduled(service);
    await at('2030-03-01T08:00:00Z');
    const { status, body } = await service.ask('PUT', `/staff/campaigns/${campaignId}/document`, MARKDOWN, { type: 'text/markdown' });
    expect([status, body.type]).toEqual([409, '/problems/document.fixed']);
  });
});

describe('a member who joins', () => {
  it('while the campaign is being scheduled is not forgotten', async () => {
    const { campaignId, bodyId } = await draft(service);
    const scheduling = service.db.createQueryRunner();
    await scheduling.startTransaction();
    await scheduling.query(`UPDATE campaign SET state = 'scheduled', opens_at = '2030-03-01T08:00Z', closes_at = '2030-04-15T16:00Z' WHERE campaign_id = $1`, [campaignId]);
    let joined = false;
    const joining = service.ask('POST', `/staff/steering-bodies/${bodyId}/members`, { name: 'Nouveau', email: 'nouveau@example.org', language: 'fr' }).then((reply) => { joined = true; return reply; });
    const waits = async () => (await service.db.query<unknown[]>(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).length > 0;
    while (!joined && !(await waits())) await sleep(10);
    await scheduling.commitTransaction();
    await scheduling.release();
    expect((await joining).status).toBe(201);
    const [said] = await service.said(campaignId);
    expect([said?.type, (said?.data as CampaignFacts | undefined)?.steeringBodies[0]!.members.length]).toEqual(['campaign.steering-changed.v1', 2]);
  });
});

describe('the checklist', () => {
  const undone = async (campaignId: string): Promise<string[]> =>
    (await service.ask('GET', `/staff/campaigns/${campaignId}/checklist`)).body.items.filter(({ done }: { done: boolean }) => !done).map(({ code }: { code: string }) => code);

  it('of a complete draft has nothing left to do', async () => {
    expect(await undone((await draft(service)).campaignId)).toEqual([]);
  });

  it.each([
    ['no dates', { opensAtLocal: undefined }, ['dates', 'dates-in-order', 'opening-ahead', 'reminders'], 'campaign.incomplete'],
    ['a closing before the opening', { closesAtLocal: '2030-02-01T00:00', reminderHoursBeforeClosing: [] }, ['dates-in-order'], 'campaign.dates-refused'],
    ['an opening in the past', { opensAtLocal: '2020-01-01T00:00' }, ['opening-ahead'], 'campaign.dates-refused'],
    ['a reminder before the opening', { closesAtLocal: '2030-03-02T08:00' }, ['reminders'], 'campaign.dates-refused'],
    ['a date that does not exist', { closesAtLocal: '2030-02-30T08:00' }, ['dates-in-order', 'reminders'], 'campaign.local-time-invalid'],
  ])('and scheduling agree about %s', async (_name, changes, codes, problem) => {
    const { campaignId } = await draft(service, changes);
    expect(await undone(campaignId)).toEqual(codes);
    expect((await act(service, campaignId, 'schedule')).body).toMatchObject({ status: 422, type: `/problems/${problem}` });
    expect(await types(campaignId)).toEqual([]);
  });
});

describe('the public state', () => {
  it('follows the clock, not what the schedule has fired', async () => {
    const { campaignId } = await scheduled(service);
    const seen = async () => (await publicly(`/campaigns/${campaignId}`)).body.state as string;
    const states = [];
    for (const instant of ['2030-03-01T07:59:59Z', '2030-03-01T08:00:00Z', '2030-04-15T15:59:59Z', '2030-04-15T16:00:00Z']) {
      await at(instant);
      states.push(await seen());
      const { items } = (await publicly(`/campaigns?state=${states.at(-1)!}&limit=100`)).body;
      expect(items.map((item: { campaignId: string }) => item.campaignId)).toContain(campaignId);
    }
    expect(states).toEqual(['forthcoming', 'open', 'open', 'closed']);
  });
});

describe('a body of the wrong shape', () => {
  it.each([
    ['a nested property nobody knows', { title: { fr: 'a', en: 'b', de: 'c' } }, '/title/de'],
    ['a property of the rules nobody knows', { rules: { x: 1 } }, '/rules/x'],
    ['an array for an object', { title: [['x']] }, '/title'],
    ['a number in quotes', { reminderHoursBeforeClosing: ['3'] }, '/reminderHoursBeforeClosing/0'],
    ['an object that looks like a text', { kind: { toString: 1 } }, '/kind'],
    ['two addresses for one', { rules: { ...content('', []).rules, responsibleService: { ...content('', []).rules.responsibleService, email: 'a@example.org, b@example.org' } } }, '/rules/responsibleService/email'],
  ])('is refused with its place: %s', async (_name, changes, pointer) => {
    const { editionId, bodyId } = await draft(service);
    const { status, body } = await service.ask('POST', '/staff/campaigns', content(editionId, [bodyId], changes));
    expect(status).toBe(400);
    expect(body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('is refused with the key %s, and no object gains a property', async (key) => {
    const { editionId, bodyId } = await draft(service);
    const body = JSON.stringify(content(editionId, [bodyId])).replace('{', `{"${key}":{"polluted":true},`);
    expect((await service.ask('POST', '/staff/campaigns', body)).status).toBe(400);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('is refused or stored as it is, whatever stands in any place: never an error of ours', async () => {
    const { editionId, bodyId } = await draft(service);
    const hostile = fc.oneof(
      fc.constantFrom(null, '', ' ', '\u0000', '\ud800', 'a\r\nb', '\u202eabc', 'x'.repeat(20_001), "'; DROP TABLE campaign; --", '{{constructor}}', -1, 1e21, 0.5, true, [], {}, [[]], { fr: 'seul' }, { fr: 'é', en: 'e\u0301' }, [editionId], [-1]),
      fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary', maxLength: 30 }),
    );
    const fields = Object.keys(content(editionId, [bodyId]));
    await fc.assert(fc.asyncProperty(fc.constantFrom(...fields), hostile, async (field, value) => {
      const created = await service.ask('POST', '/staff/campaigns', content(editionId, [bodyId], { [field]: value }));
      expect([201, 400, 422]).toContain(created.status);
      if (created.status !== 201) return;
      const stored = (await service.ask('GET', `/staff/campaigns/${created.body.campaignId}`)).body;
      expect(stored[field]).toEqual(JSON.parse(JSON.stringify(value)));
    }), { numRuns: 150 });
  });

  it('is refused where a query says the same twice', async () => {
    expect((await publicly('/campaigns?state=open&state=closed')).status).toBe(400);
  });
});
