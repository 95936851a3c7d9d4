import { sealedContact } from '@cahier/contracts';
import { unseal } from '@cahier/platform';
import { shiftClock } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { act, content, draft, MARKDOWN, scheduled, startService, type TestService } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

const types = async (key: string): Promise<string[]> => (await service.said(key)).map(({ type }) => type);

describe('scheduling', () => {
  it('resolves the dates once and says the campaign with its document, together', async () => {
    const { campaignId, memberId } = await draft(service);
    expect(await types(campaignId)).toEqual([]);
    const { status, body } = await act(service, campaignId, 'schedule');
    expect([status, body.state, body.opensAt, body.closesAt]).toEqual([200, 'scheduled', '2030-03-01T08:00:00.000Z', '2030-04-15T16:00:00.000Z']);

    const [first, second, ...others] = await service.said(campaignId);
    expect([first!.type, first!.aggregateversion, second!.type, second!.aggregateversion, others]).toEqual(['campaign.scheduled.v1', 1, 'document.published.v1', 2, []]);
    expect(first!.data).toMatchObject({ campaignId, state: 'scheduled', window: { zone: 'Europe/Paris', opensAtLocal: '2030-03-01T09:00', opensAt: '2030-03-01T08:00:00.000Z' } });
    expect((second!.data as { nodes: object[] }).nodes.map((node) => (node as { number: string }).number)).toEqual(['1', '1.1', '1.1', '1.1.1', '1.1.2']);
    const [member] = (first!.data as { steeringBodies: { members: { memberId: string; sealedContact: string }[] }[] }).steeringBodies[0]!.members;
    expect(member!.memberId).toBe(memberId);
    expect(await unseal([service.contactKey], member!.sealedContact, sealedContact)).toEqual({ email: 'membre@example.org', language: 'fr', name: 'Membre du comité' });
    expect(JSON.stringify(await service.said(campaignId))).not.toContain('membre@example.org');
  });

  it('names what is missing', async () => {
    const { editionId } = await draft(service);
    const { campaignId } = (await service.ask('POST', '/staff/campaigns', { editionId, kind: 'feedback', title: { fr: 'T', en: 'T' } })).body;
    const { status, body } = await act(service, campaignId, 'schedule');
    expect([status, body.type]).toEqual([422, '/problems/campaign.incomplete']);
    expect(body.missing.map(({ code }: { code: string }) => code)).toEqual(['presentation', 'rules', 'audiences', 'document', 'steering', 'dates']);
    expect(await types(campaignId)).toEqual([]);
  });

  it('asks which of two instants is meant', async () => {
    const { campaignId } = await draft(service, { opensAtLocal: '2026-10-25T02:30', closesAtLocal: '2030-01-01T00:00' });
    await shiftClock(service.db, { to: new Date('2026-06-01T00:00:00Z') });
    const refused = await act(service, campaignId, 'schedule');
    expect([refused.status, refused.body.type, refused.body.earlier, refused.body.later]).toEqual([422, '/problems/campaign.local-time-ambiguous', '2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']);
    expect((await act(service, campaignId, 'schedule', { disambiguation: 'later' })).body.opensAt).toBe('2026-10-25T01:30:00.000Z');
    await shiftClock(service.db, { by: 0 });
  });

  it('stores nothing when the event cannot be recorded', async () => {
    const { campaignId } = await draft(service);
    await service.db.query('ALTER TABLE outbox RENAME TO outbox_away');
    const { status, body } = await act(service, campaignId, 'schedule');
    await service.db.query('ALTER TABLE outbox_away RENAME TO outbox');
    expect([status, body.type]).toEqual([500, '/problems/internal']);
    expect((await service.ask('GET', `/staff/campaigns/${campaignId}`)).body).toMatchObject({ state: 'draft', version: 1 });
    expect((await service.ask('GET', `/staff/campaigns/${campaignId}/transitions`)).body.items).toEqual([]);
    expect(await service.db.query('SELECT 1 FROM schedule WHERE campaign_id = $1', [campaignId])).toEqual([]);
  });

  it('is refused while nobody would hear of it', async () => {
    const { campaignId } = await draft(service);
    await service.db.query(`UPDATE outbox SET created_at = created_at - interval '1 hour'`);
    const { status, body, headers } = await act(service, campaignId, 'schedule');
    await service.db.query('UPDATE outbox SET published_at = now()');
    expect([status, body.type, headers['retry-after']]).toEqual([503, '/problems/campaign.change-not-heard', '5']);
    expect((await act(service, campaignId, 'schedule')).status).toBe(200);
  });
});

describe('changing', () => {
  it('needs the tag of the last reading: 428 without, 412 with an older one', async () => {
    const { campaignId, editionId, bodyId } = await draft(service);
    const change = (tag?: string) => service.ask('PUT', `/staff/campaigns/${campaignId}`, content(editionId, [bodyId], { kind: 'feedback' }), tag === undefined ? {} : { tag });
    expect((await change()).status).toBe(428);
    expect((await change('"1"')).body).toMatchObject({ kind: 'feedback', version: 2 });
    expect((await change('"1"')).status).toBe(412);
    expect((await change('*')).status).toBe(412);
  });

  it('happens once when two ask at once', async () => {
    const { campaignId } = await draft(service);
    const replies = await Promise.all(Array.from({ length: 8 }, () => service.ask('POST', `/staff/campaigns/${campaignId}/schedule`, {}, { tag: '"1"' })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(412)]);
    expect(await types(campaignId)).toEqual(['campaign.scheduled.v1', 'document.published.v1']);
  });

  it('goes back to draft, and everybody hears it', async () => {
    const { campaignId } = await scheduled(service);
    expect((await act(service, campaignId, 'unschedule')).body).toMatchObject({ state: 'draft', opensAt: null });
    const [last] = (await service.said(campaignId)).slice(-1);
    expect(last).toMatchObject({ type: 'campaign.unscheduled.v1', aggregateversion: 3, data: { state: 'draft' } });
    expect(last!.data).not.toHaveProperty('window');
    expect((await service.ask('GET', `/campaigns/${campaignId}`, undefined, { token: null })).status).toBe(404);
  });

  it('moves the dates before the opening and replans', async () => {
    const { campaignId } = await scheduled(service);
    const { body } = await act(service, campaignId, 'reschedule', { zone: 'Indian/Reunion', opensAtLocal: '2030-03-02T09:00', closesAtLocal: '2030-04-16T18:00' });
    expect(body).toMatchObject({ opensAt: '2030-03-02T05:00:00.000Z', closesAt: '2030-04-16T14:00:00.000Z', zone: 'Indian/Reunion' });
    const rows = await service.db.query<{ action: string; state: string }[]>('SELECT action, state FROM schedule WHERE campaign_id = $1 ORDER BY state, due_at', [campaignId]);
    expect(rows).toEqual([...['open', 'remind', 'close'].map((action) => ({ action, state: 'cancelled' })), ...['open', 'remind', 'close'].map((action) => ({ action, state: 'pending' }))]);
  });

  it('records who did what, and why', async () => {
    const { campaignId } = await scheduled(service);
    expect((await act(service, campaignId, 'cancel', { reason: 'Report du projet' })).body.state).toBe('cancelled');
    const { items } = (await service.ask('GET', `/staff/campaigns/${campaignId}/transitions`)).body;
    expect(items).toEqual([
      expect.objectContaining({ action: 'schedule', fromState: 'draft', toState: 'scheduled', by: 'Responsable de campagne', reason: null }),
      expect.objectContaining({ action: 'cancel', fromState: 'scheduled', toState: 'cancelled', reason: 'Report du projet' }),
    ]);
    expect((await act(service, campaignId, 'publish')).status).toBe(409);
  });

  it('of members is said of every campaign that somebody has heard of', async () => {
    const { campaignId, bodyId, memberId } = await scheduled(service);
    const other = await draft(service);
    expect((await service.ask('POST', `/staff/steering-bodies/${bodyId}/members`, { name: 'Autre', email: 'autre@example.org', language: 'en' })).status).toBe(201);
    expect((await service.ask('POST', `/staff/steering-bodies/${bodyId}/members`, { name: 'Encore', email: 'AUTRE@example.org', language: 'en' })).status).toBe(409);
    expect((await service.ask('DELETE', `/staff/steering-bodies/${bodyId}/members/${memberId}`)).status).toBe(204);
    expect(await types(campaignId)).toEqual(['campaign.scheduled.v1', 'document.published.v1', 'campaign.steering-changed.v1', 'campaign.steering-changed.v1']);
    expect(await types(other.campaignId)).toEqual([]);
  });
});

describe('the document', () => {
  const put = (campaignId: string, markdown: string) => service.ask('PUT', `/staff/campaigns/${campaignId}/document`, markdown, { type: 'text/markdown' });

  it('is read by everybody once scheduled, and keeps its ids when it is imported again', async () => {
    const { campaignId } = await scheduled(service);
    const read = async () => (await service.ask('GET', `/campaigns/${campaignId}/document`, undefined, { token: null })).body.nodes as { id: string; heading: string | null; text: string | null }[];
    const before = await read();
    expect((await put(campaignId, MARKDOWN.replace('Premier alinéa.', 'Premier alinéa, corrigé.'))).body).toEqual({ chapters: 1, sections: 1, paragraphs: 3 });
    const after = await read();
    expect(after.filter(({ id }) => !before.some((node) => node.id === id)).map(({ text }) => text)).toEqual(['Premier alinéa, corrigé.']);
    expect((await types(campaignId)).at(-1)).toBe('document.published.v1');
  });

  it('without a paragraph is refused with the line, and changes nothing', async () => {
    const { campaignId } = await draft(service);
    const { status, body } = await put(campaignId, '# Titre\n');
    expect([status, body.type, body.line]).toEqual([422, '/problems/document.refused', 2]);
    expect(await service.db.query('SELECT count(*)::integer AS n FROM document_node WHERE campaign_id = $1', [campaignId])).toEqual([{ n: 5 }]);
  });

  it('over 5 MB, in another charset or of another type is refused', async () => {
    const { campaignId } = await draft(service);
    const long = await put(campaignId, `# T\n\n${'x'.repeat(5 * 1024 * 1024)}`);
    expect([long.status, long.body.type, long.body.line]).toEqual([422, '/problems/document.refused', 3]);
    expect((await put(campaignId, 'x'.repeat(7 * 1024 * 1024))).status).toBe(413);
    expect((await service.ask('PUT', `/staff/campaigns/${campaignId}/document`, 'x', { type: 'text/markdown; charset=latin1' })).status).toBe(400);
    expect((await service.ask('PUT', `/staff/campaigns/${campaignId}/document`, 'x', { type: 'text/html' })).status).toBe(415);
  });
});

describe('the public', () => {
  it('does not see drafts, nor can tell them from what does not exist', async () => {
    const { campaignId } = await draft(service);
    const replies = await Promise.all([campaignId, randomUUID()].map((id) => service.ask('GET', `/campaigns/${id}`, undefined, { token: null })));
    expect(replies.map(({ status, body }) => [status, body.type, body.detail])).toEqual(Array(2).fill([404, '/problems/campaign.unknown', 'Aucune campagne ne porte cet identifiant.']));
  });

  it('lists by state, page after page, and adds to a calendar', async () => {
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push((await scheduled(service, { opensAtLocal: `2035-01-0${i + 1}T00:00`, closesAtLocal: '2035-02-01T00:00' })).campaignId);
    const first = (await service.ask('GET', '/campaigns?state=forthcoming&limit=2', undefined, { token: null })).body;
    expect(first.items.map(({ campaignId }: { campaignId: string }) => campaignId)).toEqual([ids[2], ids[1]]);
    const second = (await service.ask('GET', `/campaigns?state=forthcoming&limit=2&cursor=${first.next}`, undefined, { token: null })).body;
    expect(second.items[0].campaignId).toBe(ids[0]);
    expect((await service.ask('GET', '/campaigns?cursor=abc.def', undefined, { token: null })).status).toBe(400);

    const { text, headers } = await service.ask('GET', `/campaigns/${ids[0]}/calendar.ics`, undefined, { token: null });
    expect(headers['content-type']).toBe('text/calendar; charset=utf-8');
    // Midnight in Paris; in UTC, whatever the server's own zone.
    for (const line of [`UID:${ids[0]}@cahier`, 'DTSTART:20341231T230000Z', 'DTEND:20350131T230000Z', 'SEQUENCE:2']) expect(text.split('\r\n')).toContain(line);
    expect(text).toBe((await service.ask('GET', `/campaigns/${ids[0]}/calendar.ics`, undefined, { token: null })).text);
  });
});

describe('staff routes', () => {
  it('are for campaign managers', async () => {
    const token = await service.issuer.token({ roles: ['analyst', 'moderator', 'mail-operator', 'steering-member'] });
    for (const path of ['/staff/campaigns', '/staff/programmes', '/staff/steering-bodies', `/staff/campaigns/${randomUUID()}`]) {
      expect((await service.ask('GET', path, undefined, { token: null })).status).toBe(401);
      expect((await service.ask('GET', path, undefined, { token })).status).toBe(403);
    }
  });

  it.each([
    ['state', 'open'], ['campaignId', randomUUID()], ['version', 9], ['opensAt', '2030-01-01T00:00:00.000Z'], ['eventVersion', 3],
  ])('refuse to be told %s', async (name, value) => {
    const { editionId, bodyId } = await draft(service);
    const { status, body } = await service.ask('POST', '/staff/campaigns', { ...content(editionId, [bodyId]), [name]: value });
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ pointer: `/${name}` })]]);
  });

  it.each([
    ['a title on two lines', { title: { fr: 'a\r\nBcc: x@example.org', en: 'b' } }, 400],
    ['an unknown edition', { editionId: randomUUID() }, 422],
    ['an unknown steering body', { steeringBodyIds: [randomUUID()] }, 422],
    ['a reminder of no hours', { reminderHoursBeforeClosing: [0] }, 400],
    ['a zone that is SQL', { zone: "x'; DROP TABLE campaign; --" }, 400],
  ])('refuse %s and store nothing', async (_name, changes, status) => {
    const { editionId, bodyId } = await draft(service);
    const count = async () => (await service.db.query<{ n: number }[]>('SELECT count(*)::integer AS n FROM campaign'))[0]!.n;
    const before = await count();
    expect((await service.ask('POST', '/staff/campaigns', content(editionId, [bodyId], changes))).status).toBe(status);
    expect(await count()).toBe(before);
  });
});
