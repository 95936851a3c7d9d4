import { randomUUID } from 'node:crypto';
import { contributionWithdrawn, sealedContact } from '@cahier/contracts';
import { unseal } from '@cahier/platform';
import { shiftClock } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { heardCampaign, hour, proposal, startService, stored, type Reply, type TestService } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterEach(async () => { await shiftClock(service.db, { by: 0 }); });
afterAll(async () => { await service.stop(); });

const withdraw = (id: string, token: string): Promise<Reply> => service.request('POST', `/contributions/${id}/withdraw`, { headers: { authorization: `Bearer ${token}` } });
const read = (id: string, token?: string): Promise<Reply> => service.request('GET', `/contributions/${id}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

async function filed(changes: Record<string, unknown> = {}): Promise<{ campaignId: string; contributionId: string; managementToken: string }> {
  const { campaignId } = await heardCampaign(service);
  const { body } = await service.file(campaignId, proposal(changes));
  return { campaignId, ...body };
}

describe('withdrawing', () => {
  it('erases the readable text, keeps the sealed body, and tells', async () => {
    const { campaignId, contributionId, managementToken } = await filed({ contact: { email: 'zoe@example.org', consent: true } });
    const reply = await withdraw(contributionId, managementToken);

    expect(reply.body).toMatchObject({ contributionId, status: 'withdrawn', withdrawable: false });
    expect(reply.text).not.toContain('arbres');
    const { contributions: [row], events: [, event] } = await stored(service.db, campaignId);
    expect(row).toMatchObject({ status: 'withdrawn', text: null, version: 2 });
    expect(row.body_sealed.length).toBeGreaterThan(50);
    expect(event).toMatchObject({ type: 'contribution.withdrawn.v1', aggregateversion: 2, data: { contributionId, status: 'withdrawn' } });
    expect(contributionWithdrawn.data.parse(event.data)).toEqual(event.data);
    expect(event.data).not.toHaveProperty('text');
    expect(await unseal([service.contactKey], event.data.sealedContact, sealedContact)).toMatchObject({ email: 'zoe@example.org', managementToken });
  });

  it('twice is withdrawing once, also after closing', async () => {
    const { campaignId, contributionId, managementToken } = await filed();
    await withdraw(contributionId, managementToken);
    await shiftClock(service.db, { by: 2 * hour });
    expect((await withdraw(contributionId, managementToken)).status).toBe(200);
    expect((await stored(service.db, campaignId)).events).toHaveLength(2);
  });

  it('changes nothing when the event cannot be recorded', async () => {
    const { campaignId, contributionId, managementToken } = await filed();
    await service.db.query('ALTER TABLE outbox RENAME TO outbox_away');
    const reply = await withdraw(contributionId, managementToken);
    await service.db.query('ALTER TABLE outbox_away RENAME TO outbox');
    expect(reply.status).toBe(500);
    expect((await stored(service.db, campaignId)).contributions).toMatchObject([{ status: 'filed', version: 1, text: { body: proposal()['body'] } }]);
  });

  it('ends with closing', async () => {
    const { campaignId, contributionId, managementToken } = await filed();
    await shiftClock(service.db, { by: hour });
    const reply = await withdraw(contributionId, managementToken);
    expect([reply.status, reply.body.type]).toEqual([409, '/problems/contribution.withdrawal-too-late']);
    expect((await stored(service.db, campaignId)).contributions[0].status).toBe('filed');
    expect((await read(contributionId, managementToken)).body).toMatchObject({ status: 'filed', withdrawable: false });
  });

  it('passes the gate of the seal, or does not happen', async () => {
    const { campaignId, contributionId, managementToken } = await filed();
    const gate = new Client({ connectionString: service.url });
    await gate.connect();
    await gate.query('BEGIN');
    await gate.query('SELECT pg_advisory_xact_lock(intake_gate($1))', [campaignId]);
    const during = await withdraw(contributionId, managementToken);
    await gate.query('ROLLBACK');
    await gate.end();
    expect([during.status, during.body.type]).toEqual([503, '/problems/contribution.withdrawal-undecided']);
    expect((await stored(service.db, campaignId)).events).toHaveLength(1);
    expect((await withdraw(contributionId, managementToken)).status).toBe(200);
  });
});

describe('a management token', () => {
  it('opens its contribution', async () => {
    const { contributionId, managementToken, campaignId } = await filed();
    const reply = await read(contributionId, managementToken);
    expect(reply.body).toMatchObject({ contributionId, campaignId, status: 'filed', withdrawable: true, text: { body: proposal()['body'] } });
    expect(reply.headers['cache-control']).toBe('no-store');
  });

  it('opens no other one, and a wrong token is told nothing', async () => {
    const [mine, other] = [await filed(), await filed()];
    const wrong = [other.managementToken, 'x', '', undefined, mine.managementToken.slice(0, -1), `${mine.managementToken}A`, mine.managementToken.toUpperCase()];
    const unknown = await read(randomUUID(), mine.managementToken);
    for (const token of wrong) {
      const reply = await read(mine.contributionId, token);
      const { traceId: _, ...problem } = reply.body;
      const { traceId: __, ...same } = unknown.body;
      expect([reply.status, problem]).toEqual([404, same]);
    }
    for (const token of wrong) expect((await withdraw(mine.contributionId, token ?? '')).status).toBe(404);
    expect((await stored(service.db, mine.campaignId)).events).toHaveLength(1);
  });
});

describe('the page of a receipt’s link', () => {
  const open = (id: string, token: string, language = 'fr'): Promise<Reply> => service.request('GET', `/manage/${id}?token=${token}`, { headers: { accept: 'text/html,*/*', 'accept-language': language } });
  const press = (id: string, token: string): Promise<Reply> => service.request('POST', `/manage/${id}/withdraw`, { headers: { 'accept': 'text/html,*/*', 'content-type': 'application/x-www-form-urlencoded' }, payload: `token=${token}` });

  it('shows the contribution, escaped and in its own direction, and changes nothing', async () => {
    const { campaignId, contributionId, managementToken } = await filed({ title: '<b>Titre</b>', body: `<script>alert(1)</script> \u202Eabc "&'`, proposedWording: '<img src=x>' });
    const page = await open(contributionId, managementToken);
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toMatch('text/html');
    expect(page.text).toContain('<bdi>&lt;script&gt;alert(1)&lt;/script&gt; \u202Eabc &quot;&amp;&#39;</bdi>');
    expect(page.text).toContain('<bdi>&lt;b&gt;Titre&lt;/b&gt;</bdi>');
    expect(page.text).not.toMatch(/<script|<img|<b>/);
    expect(page.text).toContain('Retirer ma contribution');
    expect((await open(contributionId, managementToken, 'en')).text).toContain('Withdraw my contribution');
    expect((await stored(service.db, campaignId)).events).toHaveLength(1);
  });

  it('withdraws when its button is pressed, and shows that', async () => {
    const { campaignId, contributionId, managementToken } = await filed();
    const reply = await press(contributionId, managementToken);
    expect([reply.status, reply.headers['location']]).toEqual([303, `../${contributionId}?token=${managementToken}`]);
    const page = await open(contributionId, managementToken);
    expect(page.text).toContain('Votre contribution a été retirée.');
    expect(page.text).not.toMatch(/arbres|<form/);
    expect((await stored(service.db, campaignId)).contributions[0].status).toBe('withdrawn');
  });

  it('offers nothing after closing, and refuses in words', async () => {
    const { campaignId, contributionId, managementToken } = await filed();
    await shiftClock(service.db, { by: hour });
    expect((await open(contributionId, managementToken)).text).not.toContain('<form');
    const refused = await press(contributionId, managementToken);
    expect([refused.status, refused.headers['content-type'], refused.text.includes('La campagne est close depuis le')]).toEqual([409, 'text/html; charset=utf-8', true]);
    expect((await stored(service.db, campaignId)).contributions[0].status).toBe('filed');
  });

  it('says nothing to a wrong token', async () => {
    const [mine, other] = [await filed(), await filed()];
    for (const reply of [await open(mine.contributionId, other.managementToken), await open(randomUUID(), mine.managementToken), await press(mine.contributionId, other.managementToken)]) {
      expect([reply.status, reply.headers['content-type'], reply.text.includes('Vérifiez que le lien a été copié en entier')]).toEqual([404, 'text/html; charset=utf-8', true]);
    }
    expect((await stored(service.db, mine.campaignId)).events).toHaveLength(1);
  });
});
