import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { staffWrites } from '@cahier/testing';
import { act, content, draft, MARKDOWN, startService, type TestService } from './harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

/** By another spec, where there is something to replay. */
const elsewhere = ['POST /staff/dead-letters/{id}/replay', 'POST /staff/dead-letters/{id}/discard', 'POST /staff/retention'];

it('every staff action names its actor in the audit trail, once', async () => {
  const { ask, db } = service;
  const { campaignId, bodyId, memberId, editionId } = await draft(service);
  const [{ programme_id: programmeId }] = await db.query('SELECT programme_id FROM edition WHERE edition_id = $1', [editionId]);
  const tag = async () => String((await ask('GET', `/staff/campaigns/${campaignId}`)).headers['etag']);
  const dates = { zone: 'Europe/Paris', opensAtLocal: '2030-03-02T09:00', closesAtLocal: '2030-04-16T18:00' };

  const acts: Record<string, [action: string, act: () => Promise<{ status: number; text: string }>]> = {
    'POST /staff/steering-bodies': ['steering-body.create', () => ask('POST', '/staff/steering-bodies', { code: 'AUTRE', name: { fr: 'Autre', en: 'Other' } })],
    'POST /staff/steering-bodies/{bodyId}/members': ['member.add', () => ask('POST', `/staff/steering-bodies/${bodyId}/members`, { name: 'Membre', email: 'autre@example.org', language: 'fr' })],
    'DELETE /staff/steering-bodies/{bodyId}/members/{memberId}': ['member.remove', () => ask('DELETE', `/staff/steering-bodies/${bodyId}/members/${memberId}`)],
    'POST /staff/programmes': ['programme.create', () => ask('POST', '/staff/programmes', { title: { fr: 'Programme', en: 'Programme' } })],
    'POST /staff/programmes/{programmeId}/editions': ['edition.create', () => ask('POST', `/staff/programmes/${programmeId}/editions`, { year: 2999, label: { fr: 'Édition', en: 'Edition' } })],
    'POST /staff/campaigns': ['campaign.create', () => ask('POST', '/staff/campaigns', content(editionId, [bodyId]))],
    'PUT /staff/campaigns/{campaignId}': ['campaign.edit', async () => ask('PUT', `/staff/campaigns/${campaignId}`, content(editionId, [bodyId]), { tag: await tag() })],
    'PUT /staff/campaigns/{campaignId}/document': ['document.import', () => ask('PUT', `/staff/campaigns/${campaignId}/document`, MARKDOWN, { type: 'text/markdown' })],
    'POST /staff/campaigns/{campaignId}/schedule': ['campaign.schedule', () => act(service, campaignId, 'schedule')],
    'POST /staff/campaigns/{campaignId}/reschedule': ['campaign.reschedule', () => act(service, campaignId, 'reschedule', dates)],
    'POST /staff/campaigns/{campaignId}/unschedule': ['campaign.unschedule', () => act(service, campaignId, 'unschedule')],
    'POST /staff/campaigns/{campaignId}/extend': ['campaign.extend', async () => {
      await db.query(`UPDATE campaign SET state = 'open', opens_at = service_now() - interval '1 hour', closes_at = service_now() + interval '1 day', zone = 'Europe/Paris' WHERE campaign_id = $1`, [campaignId]);
      return act(service, campaignId, 'extend', { closesAtLocal: '2031-01-01T18:00', reason: 'Motif' });
    }],
    'POST /staff/campaigns/{campaignId}/cancel': ['campaign.cancel', () => act(service, campaignId, 'cancel', { reason: 'Motif' })],
    'POST /staff/campaigns/{campaignId}/publish': ['campaign.publish', async () => {
      await db.query(`UPDATE campaign SET state = 'closed' WHERE campaign_id = $1`, [campaignId]);
      return act(service, campaignId, 'publish');
    }],
    'POST /staff/republish': ['facts.republish', async () => ask('POST', '/staff/republish', undefined, { token: await service.issuer.token({ roles: ['admin'], sub: 'manager' }) })],
  };
  expect(Object.keys(acts).toSorted()).toEqual(staffWrites(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')).filter((write) => !elsewhere.includes(write)));

  const trail = () => db.query<{ subject: string; action: string }[]>('SELECT subject, action FROM staff_action ORDER BY position');
  for (const [write, [action, perform]] of Object.entries(acts)) {
    const before = (await trail()).length;
    const { status, text } = await perform();
    expect([write, status, status < 300 ? '' : text]).toEqual([write, expect.any(Number), '']);
    expect([write, (await trail()).slice(before)]).toEqual([write, [{ subject: 'manager', action }]]);
  }
  // A refusal is no action.
  const before = await trail();
  expect((await act(service, campaignId, 'schedule')).status).toBe(409);
  expect(await trail()).toEqual(before);
});
