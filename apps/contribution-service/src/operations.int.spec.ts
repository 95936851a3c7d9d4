import { readFileSync } from 'node:fs';
import { campaignClosed } from '@cahier/contracts';
import { deliver, republish } from '@cahier/messaging';
import { shiftClock, staffWrites } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contactRetention } from './contributions/contact-retention.js';
import { facts } from './facts.js';
import { heardCampaign, hour, proposal, Proxy, startService, stored, type Json, type TestService } from './harness.spec.js';
import { Sealer } from './seal/sealer.js';

let service: TestService;
const proxy = new Proxy();
beforeAll(async () => { service = await startService({}, proxy); });
afterAll(async () => {
  await service.stop();
  proxy.stop();
});

describe('readiness', () => {
  it('asks for the database and its schema, not for the broker, which is away all the time', async () => {
    expect((await service.request('GET', '/health/ready')).body).toMatchObject({ status: 'up', parts: { database: 'up', migrations: 'up' } });
    expect((await service.file((await heardCampaign(service)).campaignId, proposal())).status).toBe(201);
  });

  it('is red while the schema is behind', async () => {
    await service.db.query(`UPDATE migration SET name = 'away' WHERE name LIKE 'CreateContribution%'`);
    expect((await service.request('GET', '/health/ready')).status).toBe(503);
    await service.db.query(`UPDATE migration SET name = 'CreateContribution1767225600100' WHERE name = 'away'`);
  });

  it('is red while the database is away, and green again without a restart', async () => {
    proxy.cut();
    expect((await service.request('GET', '/health/ready')).status).toBe(503);
    proxy.heal();
    expect((await service.request('GET', '/health/ready')).status).toBe(200);
  });
});

describe('the metrics', () => {
  it('tell of the queue, the decisions, and a seal that is waited for', async () => {
    const waiting = await heardCampaign(service, { opensAt: new Date(Date.now() - 9_000_000), closesAt: new Date(Date.now() - 7_200_000) });
    expect((await service.file(waiting.campaignId, proposal())).status).toBe(409);
    const { text } = await service.request('GET', '/metrics');
    expect(text).toMatch(/^cahier_intake_outcomes_total\{outcome="not-open"\} 1$/m);
    expect(text).toMatch(/^cahier_intake_queue_rows 0$/m);
    expect(text).toMatch(/^cahier_intake_batch_rows_count [1-9]/m);
    expect(text).toMatch(/^cahier_database_pool_connections\{pool="intake",state="idle"\} [1-9]/m);
    expect(text).toMatch(/^cahier_ready\{part="database"\} 1$/m);
    expect(Number(/^cahier_seal_wait_seconds (\S+)$/m.exec(text)?.[1])).toBeGreaterThanOrEqual(7_200);
  });
});

describe('the metrics, while the database is away,', () => {
  it('tell of everything else, and pretend nothing of it', async () => {
    proxy.cut();
    const { status, text } = await service.request('GET', '/metrics');
    proxy.heal();
    expect(status).toBe(200);
    expect(text).toMatch(/^cahier_intake_queue_rows 0$/m);
    expect(text).toMatch(/^cahier_ready\{part="database"\} 0$/m);
    expect(text).toMatch(/^cahier_seal_wait_seconds Nan$/m);
  });
});

describe('republishing', () => {
  it('says again what was said last of everything, as the same events', async () => {
    const campaign = await heardCampaign(service);
    const receipts: Json[] = [];
    for (let i = 0; i < 4; i++) receipts.push((await service.file(campaign.campaignId, proposal({ body: `${i}`, ...(i === 0 && { contact: { email: 'a@example.org', consent: true } }) }))).body);
    const token = await service.issuer.token({ roles: ['moderator'] });
    const moderate = (index: number, action: string) => service.request('POST', `/staff/contributions/${receipts[index].contributionId}/${action}`, { headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/json' }, payload: '{"reason":"Motif"}' });
    await moderate(1, 'hide');
    await moderate(2, 'hide');
    await moderate(2, 'show');
    await service.request('POST', `/contributions/${receipts[3].contributionId}/withdraw`, { headers: { authorization: `Bearer ${receipts[3].managementToken}` } });
    await deliver(service.app, campaignClosed, { ...campaign, state: 'closed' }, 2);
    await shiftClock(service.db, { by: 2 * hour });
    await service.app.get(Sealer).sealDue();
    await shiftClock(service.db, { by: 0 });
    const said = (await stored(service.db, campaign.campaignId)).events;
    const last = new Map(said.map((event) => [event.subject, event]));

    // As after the retention: the outbox has forgotten.
    await service.db.query('DELETE FROM outbox');
    await republish(service.db, facts(service.db));

    const again = (await stored(service.db, campaign.campaignId)).events;
    expect(again).toHaveLength(5);
    for (const event of again) expect(event).toEqual(last.get(event.subject));
  });
});

describe('staff actions', () => {
  it('each name their actor in the audit trail, once; a refusal is none', async () => {
    const { campaignId } = await heardCampaign(service);
    const { contributionId } = (await service.file(campaignId, proposal())).body;
    const token = await service.issuer.token({ roles: ['admin'], sub: 'someone' });
    const post = (path: string, body?: object) => service.request('POST', path, { headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }, ...(body && { payload: JSON.stringify(body) }) });
    const moderate = (action: string) => () => post(`/staff/contributions/${contributionId}/${action}`, { reason: 'Motif' });
    const acts: Record<string, [action: string, act: () => Promise<{ status: number }>, target: string | null, campaign: string | null]> = {
      'POST /staff/contributions/{contributionId}/hide': ['contribution.hide', moderate('hide'), contributionId, campaignId],
      'POST /staff/contributions/{contributionId}/show': ['contribution.show', moderate('show'), contributionId, campaignId],
      'POST /staff/republish': ['facts.republish', () => post('/staff/republish'), null, null],
      'POST /staff/retention': ['retention.run', () => post('/staff/retention'), null, null],
    };
    // libs/messaging looks after these.
    const ofMessaging = ['POST /staff/dead-letters/{id}/discard', 'POST /staff/dead-letters/{id}/replay'];
    expect([...Object.keys(acts), ...ofMessaging].toSorted()).toEqual(staffWrites(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')));

    const trail = () => service.db.query('SELECT subject, action, target_id, campaign_id FROM staff_action ORDER BY position');
    for (const [action, act, target_id, campaign_id] of Object.values(acts)) {
      const before = (await trail()).length;
      expect([action, (await act()).status]).toEqual([action, 200]);
      expect((await trail()).slice(before)).toEqual([{ subject: 'someone', action, target_id, campaign_id }]);
    }
    const before = await trail();
    expect((await moderate('show')()).status).toBe(409);
    expect(await trail()).toEqual(before);
  });
});

describe('a year after the closing', () => {
  it('what reached the authors is erased, with the words of who withdrew; the rest of the record stays', async () => {
    const campaign = await heardCampaign(service);
    const contact = { email: 'a@example.org', consent: true };
    const [kept, withdrawn] = [(await service.file(campaign.campaignId, proposal({ contact }))).body, (await service.file(campaign.campaignId, proposal({ contact }))).body];
    await service.request('POST', `/contributions/${withdrawn.contributionId}/withdraw`, { headers: { authorization: `Bearer ${withdrawn.managementToken}` } });
    const record = async () => service.db.query<{ contribution_id: string; sealed_contact: string | null; body: number }[]>('SELECT contribution_id, sealed_contact, octet_length(body_sealed) AS body, body_sha256, status, classification, version FROM contribution WHERE campaign_id = $1 ORDER BY received_at, contribution_id', [campaign.campaignId]);
    const erase = () => contactRetention(365).apply(service.db);
    const before = await record();
    await shiftClock(service.db, { by: 364 * 24 * hour });
    expect([await erase(), await record()]).toEqual([0, before]);

    await shiftClock(service.db, { by: 366 * 24 * hour });
    expect(await erase()).toBeGreaterThanOrEqual(2);
    expect(await record()).toEqual(before.map((row) => ({ ...row, sealed_contact: null, ...(row.contribution_id === withdrawn.contributionId && { body: 0 }) })));
    expect(await erase()).toBe(0);
    // What is told again now can reach nobody.
    await service.db.query('DELETE FROM outbox');
    await republish(service.db, facts(service.db));
    const told = (await stored(service.db, campaign.campaignId)).events;
    expect(told.map(({ subject, data }) => [subject, 'sealedContact' in data]).toSorted()).toEqual([[kept.contributionId, false], [withdrawn.contributionId, false]].toSorted());
    await shiftClock(service.db, { by: 0 });
  });
});
