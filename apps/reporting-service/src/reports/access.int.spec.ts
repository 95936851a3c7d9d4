import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { campaignPublished, campaignSteeringChanged, campaignClosed, intakeSealed } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { contribution, heardCampaign, reportIn, sealOf, startService, submit, type Parsed, type TestService } from '../harness.spec.js';

// Reports are made, on machines that do much else.
jest.setTimeout(60_000);

let service: TestService;
let closing: Awaited<ReturnType<typeof closedCampaign>>;
beforeAll(async () => {
  service = await startService();
  closing = await closedCampaign({ title: { fr: '../../etc/passwd"\r\nSet-Cookie: a=b <script>', en: 'x' } });
});
afterAll(async () => { await service.stop(); });

/** A campaign with its closing report. */
async function closedCampaign(changes: Parameters<typeof heardCampaign>[1] = {}) {
  const { campaignId, facts } = await heardCampaign(service, changes);
  const all = [contribution(campaignId, { participantRef: 'a'.repeat(64) }), contribution(campaignId, { classification: { publication: 'not-published' } })];
  await submit(service, ...all);
  await deliver(service.app, campaignClosed, { ...facts, state: 'closed' }, 3);
  await deliver(service.app, intakeSealed, sealOf(campaignId, facts.window!.closesAt, all), 1);
  const report = await reportIn(service, campaignId, 'closing', 'published', 'failed');
  return { campaignId, facts, report, reportId: report.report_id as string, member: facts.steeringBodies[0]!.members[0]!.memberId };
}

describe('staff', () => {
  it('see a report, its files and where they are', async () => {
    const { body } = await service.get(`/staff/reports/${closing.reportId}`, await service.as('campaign-manager'));
    expect(body).toMatchObject({ kind: 'closing', provisional: false, state: 'published', headline: { contributions: 2, distinctAddresses: 1 } });
    for (const { name, url, sha256 } of body.files) {
      const { bytes } = await service.get(new URL(url).pathname, await service.as('analyst'));
      expect([name, createHash('sha256').update(bytes).digest('hex')]).toEqual([name, sha256]);
    }
  });

  it('list reports by page, the latest first', async () => {
    const { campaignId } = await heardCampaign(service);
    const ordered: string[] = [];
    for (let n = 0; n < 3; n++) ordered.unshift((await service.post(`/staff/campaigns/${campaignId}/reports`, {}, await service.as('analyst'))).body.reportId);
    const first = (await service.get(`/staff/reports?campaignId=${campaignId}&limit=2`, await service.as('analyst'))).body;
    const rest = (await service.get(`/staff/reports?campaignId=${campaignId}&limit=2&cursor=${first.next}`, await service.as('analyst'))).body;
    expect([...first.items, ...rest.items].map(({ reportId }: Parsed) => reportId)).toEqual(ordered);
    expect(rest.next).toBeNull();
    expect([...first.items, ...rest.items].map(({ number, version }: Parsed) => [number, version])).toEqual([3, 2, 1].map((version) => [first.items[0].number, version]));
  });

  it('of a steering body see its own reports; for them the others do not exist', async () => {
    const own = await service.as('steering-member', ['COPIL']);
    const other = await service.as('steering-member', ['DNS']);
    expect((await service.get(`/staff/reports/${closing.reportId}`, own)).status).toBe(200);
    for (const path of ['', '/files/report.pdf', '/mismatch']) expect((await service.get(`/staff/reports/${closing.reportId}${path}`, other)).body).toMatchObject({ status: 404, type: '/problems/report.unknown' });
    expect((await service.get('/staff/reports', other)).body.items).toEqual([]);
    expect((await service.post(`/staff/campaigns/${closing.campaignId}/reports`, {}, other)).body).toMatchObject({ status: 404, type: '/problems/campaign.unknown' });
  });

  it('need a role', async () => {
    expect((await service.get(`/staff/reports/${closing.reportId}`)).status).toBe(401);
    expect((await service.get(`/staff/reports/${closing.reportId}/files/report.pdf`, await service.as('mail-operator'))).status).toBe(403);
  });
});

describe('a download', () => {
  it('is named after the report’s number, whatever the campaign is called, and says what it is', async () => {
    const { headers } = await service.get(`/staff/reports/${closing.reportId}/files/contributions.csv`, await service.as('analyst'));
    expect(headers).toMatchObject({
      'content-disposition': `attachment; filename="${closing.report.number}-v1-contributions.csv"`, 'content-type': 'text/csv; charset=utf-8; header=present', 'x-content-type-options': 'nosniff',
      etag: `"${closing.report.files.find(({ name }: Parsed) => name === 'contributions.csv').sha256}"`, 'cache-control': 'private, no-cache',
    });
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('is not repeated to whoever has it', async () => {
    const path = `/staff/reports/${closing.reportId}/files/figures.json`;
    const { headers } = await service.get(path, await service.as('analyst'));
    const again = await service.get(path, { ...(await service.as('analyst')), 'if-none-match': String(headers['etag']) });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  it.each(['nothing.txt', '..%2F..%2Fetc%2Fpasswd', 'manifest.json%00', 'REPORT.PDF'])('of %s, which the report does not have, is refused', async (name) => {
    expect([400, 404]).toContain((await service.get(`/staff/reports/${closing.reportId}/files/${name}`, await service.as('analyst'))).status);
  });
});

describe('the link of a mail', () => {
  const open = async (token: string, path = '') => service.get(`/reports/${closing.reportId}${path}?token=${token}`);

  it('opens the page, in both languages, with the headline figures and every file', async () => {
    const { status, headers, bytes } = await open(await service.link({ reportId: closing.reportId, member: closing.member }));
    const page = bytes.toString();
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'private, no-store', 'referrer-policy': 'no-referrer' });
    expect(page).toContain(closing.report.number);
    // The campaign’s hostile title, as text; local time.
    expect(page).toContain('Set-Cookie: a=b &lt;script&gt;');
    expect(page).toMatch(/6\smars\s2026\sà\s18\sh\s00/);
    expect(page).toMatch(/<section lang="fr">.*<section lang="en">/s);
    expect(page.match(/contributions\.xlsx\?token=/g)).toHaveLength(2);
  });

  it('opens the files', async () => {
    const token = await service.link({ reportId: closing.reportId, member: closing.member });
    expect((await open(token, '/files/report.pdf')).bytes.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('that has expired says so on a page, in the reader’s language', async () => {
    const token = await service.link({ reportId: closing.reportId, member: closing.member, expiresIn: -1 });
    const { status, headers, bytes } = await service.get(`/reports/${closing.reportId}?token=${token}`, { accept: 'text/html', 'accept-language': 'fr' });
    expect([status, headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
    expect(bytes.toString()).toContain('Ce lien n’ouvre pas ce rapport');
  });

  it('of another report, expired, for nobody of the steering bodies, of another issuer or forged opens nothing', async () => {
    const link = { reportId: closing.reportId, member: closing.member };
    const good = await service.link(link);
    const [head, payload, signature] = good.split('.') as [string, string, string];
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const claims = { iss: 'notification-service', aud: 'reporting-service', sub: closing.member, reportId: closing.reportId, exp: Math.floor(Date.now() / 1_000) + 600 };
    const bad: Record<string, string> = {
      'another report': await service.link({ ...link, reportId: randomUUID() }),
      expired: await service.link({ ...link, expiresIn: -1 }),
      'not a member': await service.link({ ...link, member: randomUUID() }),
      'another issuer': await service.link({ ...link, iss: 'campaign-service' }),
      'another audience': await service.link({ ...link, aud: 'somebody' }),
      'never expires': await service.link({ ...link, exp: undefined }),
      'another key': await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA' }).sign(stranger),
      'no signature': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
      'the public key as a secret': await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(JSON.stringify(service.config.REPORT_LINK_PUBLIC_JWK))),
      tampered: `${head}.${Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1 })).toString('base64url')}.${signature}`,
      nonsense: 'nonsense',
    };
    expect((await open(good)).status).toBe(200);
    for (const [name, token] of Object.entries(bad)) {
      expect([name, (await open(token)).status]).toEqual([name, 403]);
      expect([name, (await open(token, '/files/report.pdf')).status]).toEqual([name, 403]);
    }
  });

  it('opens nothing for somebody who has left the steering body', async () => {
    const { campaignId, facts, reportId, member } = await closedCampaign();
    const token = await service.link({ reportId, member });
    expect((await service.get(`/reports/${reportId}?token=${token}`)).status).toBe(200);
    await deliver(service.app, campaignSteeringChanged, { ...facts, state: 'closed', campaignId, steeringBodies: facts.steeringBodies.map((body) => ({ ...body, members: [] })) }, 4);
    expect((await service.get(`/reports/${reportId}?token=${token}`)).body).toMatchObject({ status: 403, type: '/problems/report.link-invalid' });
  });
});

describe('the public', () => {
  it('sees nothing before staff publish, then the report and what holds no unpublished text', async () => {
    const { campaignId, facts, reportId } = await closedCampaign();
    expect((await service.get(`/campaigns/${campaignId}/reports`)).body).toEqual({ items: [] });
    expect((await service.get(`/reports/${reportId}`)).status).toBe(404);
    expect((await service.get(`/reports/${reportId}/files/report.pdf`)).status).toBe(404);

    await deliver(service.app, campaignPublished, { ...facts, state: 'published' }, 4);

    const { body } = await service.get(`/campaigns/${campaignId}/reports`);
    expect(body.items.map((item: Parsed) => [item.reportId, item.files.map(({ name }: Parsed) => name)])).toEqual([[reportId, ['report.pdf', 'figures.json', 'manifest.json']]]);
    expect((await service.get(new URL(body.items[0].files[0].url).pathname)).status).toBe(200);
    expect((await service.get(`/reports/${reportId}`)).status).toBe(200);
    for (const name of ['contributions.csv', 'contributions.xlsx', 'contributions.jsonl']) expect((await service.get(`/reports/${reportId}/files/${name}`)).status).toBe(404);
  });
});

describe('an interim report', () => {
  it('is accepted with the place where its progress is told, and is marked provisional', async () => {
    const { campaignId } = await heardCampaign(service);
    await submit(service, contribution(campaignId), contribution(campaignId, { receivedAt: '2026-03-04T10:00:00.000Z' }));
    const reply = await service.post(`/staff/campaigns/${campaignId}/reports`, { cutoff: '2026-03-04T00:00:00.000Z' }, await service.as('analyst'));
    expect(reply).toMatchObject({ status: 202, headers: { location: `/staff/reports/${reply.body.reportId}` }, body: { kind: 'interim', provisional: true, files: [] } });
    await reportIn(service, campaignId, 'interim', 'published', 'failed');
    expect((await service.get(String(reply.headers['location']), await service.as('analyst'))).body).toMatchObject({ state: 'published', provisional: true, headline: { contributions: 1 } });
  });

  it('is ordered as of now when nothing is said', async () => {
    const { campaignId } = await heardCampaign(service);
    for (const payload of [undefined, '{}']) {
      const reply = await service.send('POST', `/staff/campaigns/${campaignId}/reports`, { ...(await service.as('analyst')), ...(payload && { 'content-type': 'application/json' }) }, payload);
      expect(reply).toMatchObject({ status: 202, body: { kind: 'interim' } });
    }
  });

  it('of the future, or of a campaign nobody heard of, is refused and changes nothing', async () => {
    const { campaignId } = await heardCampaign(service);
    const count = async () => (await service.db.query<{ count: number }[]>('SELECT count(*)::integer AS count FROM report'))[0]!.count;
    const before = await count();
    const order = async (campaign: string, body: unknown) => (await service.post(`/staff/campaigns/${campaign}/reports`, body, await service.as('analyst'))).body;
    expect(await order(campaignId, { cutoff: '2099-01-01T00:00:00.000Z' })).toMatchObject({ status: 422, type: '/problems/report.cutoff-in-future' });
    expect(await order(randomUUID(), {})).toMatchObject({ status: 404, type: '/problems/campaign.unknown' });
    expect(await order(campaignId, { cutoff: 'yesterday' })).toMatchObject({ status: 400, errors: [{ pointer: '/cutoff' }] });
    expect(await order(campaignId, { until: 'x' })).toMatchObject({ status: 400, errors: [{ pointer: '/until' }] });
    expect(await count()).toBe(before);
  });
});
