import { createHash, randomUUID } from 'node:crypto';
import { contributionHidden, contributionShown } from '@cahier/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { heardCampaign, proposal, startService, stored, type Json, type Reply, type TestService } from '../harness.spec.js';

let service: TestService;
let moderator: string;
beforeAll(async () => {
  service = await startService();
  moderator = await service.issuer.token({ roles: ['moderator'], sub: 'm-1', name: 'Modératrice' });
});
afterAll(async () => { await service.stop(); });

const staff = (method: 'GET' | 'POST', path: string, body?: unknown, token: string | undefined = moderator): Promise<Reply> =>
  service.request(method, `/staff/${path}`, { headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body !== undefined && { 'content-type': 'application/json' }) }, ...(body !== undefined && { payload: JSON.stringify(body) }) });
const published = (campaignId: string, query = ''): Promise<Reply> => service.request('GET', `/campaigns/${campaignId}/contributions${query}`);

async function filed(changes: Record<string, unknown> = {}): Promise<{ campaignId: string; contributionId: string; managementToken: string }> {
  const { campaignId } = await heardCampaign(service);
  const { body } = await service.file(campaignId, proposal(changes));
  return { campaignId, ...body };
}

describe('moderation', () => {
  it('hides with a reason, shows again, and keeps who, when and why', async () => {
    const { campaignId, contributionId, managementToken } = await filed();
    const hidden = await staff('POST', `contributions/${contributionId}/hide`, { reason: 'Injure' });
    expect(hidden.body).toMatchObject({ status: 'hidden', version: 2, moderation: [{ action: 'hide', reason: 'Injure', by: 'Modératrice' }] });
    expect((await published(campaignId)).body.contributions).toEqual([]);
    const own = await service.request('GET', `/contributions/${contributionId}`, { headers: { authorization: `Bearer ${managementToken}` } });
    expect(own.body).toMatchObject({ status: 'hidden', text: { body: proposal()['body'] } });

    const shown = await staff('POST', `contributions/${contributionId}/show`, { reason: 'Erreur' });
    expect(shown.body).toMatchObject({ status: 'filed', version: 3, moderation: [{ action: 'hide' }, { action: 'show', reason: 'Erreur' }] });
    expect((await published(campaignId)).body.contributions).toHaveLength(1);

    const { events: [, first, second] } = await stored(service.db, campaignId);
    expect(first).toMatchObject({ type: 'contribution.hidden.v1', aggregateversion: 2, data: { status: 'hidden', reason: 'Injure' } });
    expect(first.data).not.toHaveProperty('text');
    expect(contributionHidden.data.parse(first.data)).toEqual(first.data);
    expect(second).toMatchObject({ type: 'contribution.shown.v1', aggregateversion: 3, data: { status: 'filed', reason: 'Erreur', text: { body: proposal()['body'] } } });
    expect(contributionShown.data.parse(second.data)).toEqual(second.data);
    expect(await service.db.query('SELECT actor_subject FROM moderation WHERE contribution_id = $1', [contributionId])).toEqual([{ actor_subject: 'm-1' }, { actor_subject: 'm-1' }]);
  });

  it('changes nothing when one of the three cannot be written', async () => {
    const { campaignId, contributionId } = await filed();
    for (const table of ['outbox', 'moderation']) {
      await service.db.query(`ALTER TABLE ${table} RENAME TO away`);
      const reply = await staff('POST', `contributions/${contributionId}/hide`, { reason: 'x' });
      await service.db.query(`ALTER TABLE away RENAME TO ${table}`);
      expect(reply.status).toBe(500);
      const { contributions, events } = await stored(service.db, campaignId);
      expect([contributions[0].status, contributions[0].version, events.length]).toEqual(['filed', 1, 1]);
    }
    expect((await staff('GET', `contributions/${contributionId}`)).body.moderation).toEqual([]);
  });

  it('refuses what makes no sense', async () => {
    const { contributionId, managementToken } = await filed();
    expect((await staff('POST', `contributions/${contributionId}/show`, { reason: 'x' })).body.type).toBe('/problems/contribution.status-unchanged');
    expect((await staff('POST', `contributions/${contributionId}/hide`, { reason: ' ' })).status).toBe(400);
    expect((await staff('POST', `contributions/${contributionId}/hide`, { reason: 'x', by: 'autre' })).status).toBe(400);
    expect((await staff('POST', `contributions/${randomUUID()}/hide`, { reason: 'x' })).status).toBe(404);
    await service.request('POST', `/contributions/${contributionId}/withdraw`, { headers: { authorization: `Bearer ${managementToken}` } });
    expect((await staff('POST', `contributions/${contributionId}/hide`, { reason: 'x' })).body.type).toBe('/problems/contribution.withdrawn');
  });

  it('is for moderators', async () => {
    const { campaignId, contributionId } = await filed();
    const analyst = await service.issuer.token({ roles: ['analyst'] });
    const manager = await service.issuer.token({ roles: ['campaign-manager', 'mail-operator', 'steering-member'] });
    expect((await staff('POST', `contributions/${contributionId}/hide`, { reason: 'x' }, '')).status).toBe(401);
    for (const token of [analyst, manager]) {
      expect((await staff('POST', `contributions/${contributionId}/hide`, { reason: 'x' }, token)).status).toBe(403);
      expect((await staff('GET', `contributions/${contributionId}`, undefined, token)).status).toBe(403);
    }
    expect((await staff('GET', `campaigns/${campaignId}/contribution-ids`, undefined, manager)).status).toBe(403);
    expect((await staff('GET', `campaigns/${campaignId}/contribution-ids`, undefined, analyst)).status).toBe(200);
    expect((await stored(service.db, campaignId)).events).toHaveLength(1);
  });

  it('never sees an address, a key or a token', async () => {
    const { contributionId, managementToken } = await filed({ contact: { email: 'zoe@example.org', consent: true } });
    const { text, body } = await staff('GET', `contributions/${contributionId}`);
    expect(text).not.toMatch(/zoe|eyJ/);
    expect(text).not.toContain(managementToken);
    expect(Object.keys(body).sort()).toEqual(['bodySha256', 'campaignId', 'classification', 'contributionId', 'filingNumber', 'moderation', 'receivedAt', 'status', 'text', 'version']);
  });
});

describe('the stream of ids', () => {
  it('has one line for everything filed, in order of id', async () => {
    const { campaignId } = await heardCampaign(service);
    const receipts = await Promise.all(Array.from({ length: 7 }, (_, i) => service.file(campaignId, proposal({ body: `${i}` }))));
    await staff('POST', `contributions/${receipts[3]!.body.contributionId}/hide`, { reason: 'x' });
    const reply = await staff('GET', `campaigns/${campaignId}/contribution-ids`);
    expect(reply.headers['content-type']).toMatch('application/jsonl');
    const lines = reply.text.trimEnd().split('\n').map((line) => JSON.parse(line));
    expect(lines).toEqual(receipts.map(({ body }, i) => ({ contributionId: body.contributionId, bodySha256: createHash('sha256').update(JSON.stringify(proposal({ body: `${i}` }))).digest('hex'), status: i === 3 ? 'hidden' : 'filed' }))
      .sort((a, b) => (a.contributionId < b.contributionId ? -1 : 1)));
    expect((await staff('GET', `campaigns/${randomUUID()}/contribution-ids`)).status).toBe(404);
  });
});

describe('the public list', () => {
  it('holds the documented fields of those who want to be read, and nothing else', async () => {
    const { campaignId } = await heardCampaign(service);
    const common = { organisation: 'Association', contact: { email: 'zoe@example.org', consent: true } };
    await service.file(campaignId, proposal({ ...common, body: 'nommée', title: 'Titre', stance: 'oppose', audience: 'patient', publication: { preference: 'named', authorName: 'Zoé' } }));
    await service.file(campaignId, proposal({ ...common, body: 'anonyme' }));
    await service.file(campaignId, proposal({ ...common, body: 'secrète', publication: { preference: 'not-published' } }));

    const { body: { contributions }, text } = await published(campaignId);
    const known = { contributionId: expect.any(String), receivedAt: expect.any(String), kind: 'proposal', targets: [], language: 'fr' };
    expect(contributions.sort((a: Json, b: Json) => (a.body < b.body ? -1 : 1))).toEqual([
      { ...known, body: 'anonyme' },
      { ...known, body: 'nommée', title: 'Titre', stance: 'oppose', audience: 'patient', authorName: 'Zoé', organisation: 'Association' },
    ]);
    expect(text).not.toMatch(/secrète|zoe@|eyJ|2026-\d{6}/);
  });

  it('is read page by page, newest first, each once', async () => {
    const { campaignId } = await heardCampaign(service);
    const receipts = [];
    for (let i = 0; i < 7; i++) receipts.push((await service.file(campaignId, proposal({ body: `${i}` }))).body);
    const seen: string[] = [];
    let query: string | undefined = '?limit=3';
    while (query) {
      const { body } = await published(campaignId, query);
      seen.push(...body.contributions.map(({ contributionId }: { contributionId: string }) => contributionId));
      query = body.next && `?limit=3&cursor=${encodeURIComponent(body.next)}`;
    }
    expect(seen).toEqual(receipts.sort((a, b) => (`${a.receivedAt}${a.contributionId}` < `${b.receivedAt}${b.contributionId}` ? 1 : -1)).map(({ contributionId }) => contributionId));
  });

  it('refuses cursors and parameters that it did not give', async () => {
    const { campaignId } = await heardCampaign(service);
    for (let i = 0; i < 3; i++) await service.file(campaignId, proposal({ body: `${i}` }));
    const { body: { next } } = await published(campaignId, '?limit=1');
    const forged = `${Buffer.from(JSON.stringify({ campaignId, receivedAt: '2020-01-01T00:00:00.000Z', contributionId: randomUUID() })).toString('base64url')}.${next.split('.')[1]}`;
    for (const query of ['?limit=0', '?limit=101', '?limit=1.5', '?limit=-1', '?limit=1e9', '?limit=1&limit=2', '?offset=3', '?cursor=x', `?cursor=${forged}`, '?cursor=%27%3B--']) {
      expect([query, (await published(campaignId, query)).status]).toEqual([query, 400]);
    }
    expect((await published(randomUUID())).status).toBe(404);
  });
});
