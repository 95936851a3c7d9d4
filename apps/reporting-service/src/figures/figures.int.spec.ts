import { randomUUID } from 'node:crypto';
import { campaignUnscheduled, contributionHidden, contributionWithdrawn } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contribution, heardCampaign, startService, submit, type Parsed, type TestService } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

const address = (letter: string) => letter.repeat(64);
const figures = async (campaignId: string, query = '', role = 'analyst', bodies: string[] = []) => service.get(`/staff/campaigns/${campaignId}/figures${query}`, await service.as(role, bodies));

describe('the figures', () => {
  it('are those that one counts by hand', async () => {
    const { campaignId, first, second, paragraph } = await heardCampaign(service);
    const at = (id: string, type: 'section' | 'paragraph' | 'contribution' = 'section') => [{ type, id }];
    const proposal = contribution(campaignId, { receivedAt: '2026-03-02T08:30:00.000Z', participantRef: address('a'), classification: { kind: 'proposal', audience: 'citizen', targets: at(paragraph, 'paragraph') } });
    // 23:30 UTC on 2 March is 00:30 on 3 March in Paris.
    const argument = contribution(campaignId, { receivedAt: '2026-03-02T23:30:00.000Z', participantRef: address('a'), classification: { kind: 'argument', stance: 'support', targets: at(proposal.contributionId, 'contribution') } });
    const source = contribution(campaignId, { receivedAt: '2026-03-02T23:59:59.999Z', participantRef: address('b'), classification: { kind: 'evidence', targets: at(argument.contributionId, 'contribution') } });
    const opinion = contribution(campaignId, { receivedAt: '2026-03-05T12:00:00.000Z', classification: { kind: 'opinion', stance: 'oppose', audience: 'patient', targets: [...at(second), ...at(first)] } });
    const lost = contribution(campaignId, { receivedAt: '2026-03-05T12:00:00.000Z', classification: { kind: 'remark', targets: at(randomUUID(), 'contribution') } });
    const ring = randomUUID();
    const inRing = contribution(campaignId, { contributionId: ring, receivedAt: '2026-03-05T12:00:00.001Z', classification: { kind: 'remark', targets: at(ring, 'contribution') } });
    const late = contribution(campaignId, { receivedAt: '2026-03-06T10:00:00.000Z', participantRef: address('c') });
    // Another campaign's do not count.
    await submit(service, source, argument, proposal, opinion, lost, inRing, late, contribution((await heardCampaign(service)).campaignId));
    const { text: _a, ...withdrawn } = opinion;
    const { text: _b, ...hidden } = lost;
    await deliver(service.app, contributionWithdrawn, { ...withdrawn, status: 'withdrawn' }, 2);
    await deliver(service.app, contributionHidden, { ...hidden, status: 'hidden', reason: 'hors sujet' }, 2);

    const { status, body } = await figures(campaignId, '?cutoff=2026-03-06T10:00:00.000Z');

    expect(status).toBe(200);
    expect(body).toMatchObject({ campaignId, cutoff: '2026-03-06T10:00:00.000Z', zone: 'Europe/Paris', contributions: 6, distinctAddresses: 2, withdrawn: 1, hidden: 1 });
    expect(body.byDay).toEqual([
      { day: '2026-03-02', contributions: 1, distinctAddresses: 1 }, { day: '2026-03-03', contributions: 2, distinctAddresses: 2 }, { day: '2026-03-04', contributions: 0, distinctAddresses: 0 },
      { day: '2026-03-05', contributions: 3, distinctAddresses: 0 }, { day: '2026-03-06', contributions: 0, distinctAddresses: 0 },
    ]);
    expect(body.byHour).toEqual([{ hour: '2026-03-02T09', contributions: 1, distinctAddresses: 1 }, { hour: '2026-03-03T00', contributions: 2, distinctAddresses: 2 }, { hour: '2026-03-05T13', contributions: 3, distinctAddresses: 0 }]);
    expect(body.bySection).toEqual([
      { sectionId: first, number: '1.1', heading: 'Première section', contributions: 3, distinctAddresses: 2, byKind: { proposal: 1, argument: 1, evidence: 1 }, byStance: { support: 1 } },
      { sectionId: second, number: '1.2', heading: 'Deuxième section', contributions: 1, distinctAddresses: 0, byKind: { opinion: 1 }, byStance: { oppose: 1 } },
      { sectionId: null, number: null, heading: null, contributions: 2, distinctAddresses: 0, byKind: { remark: 2 }, byStance: {} },
    ]);
    expect(body.byKind.map(({ kind, contributions }: Parsed) => [kind, contributions])).toEqual([['proposal', 1], ['remark', 2], ['argument', 1], ['evidence', 1], ['opinion', 1]]);
    expect(body.byStance).toEqual([{ stance: 'support', contributions: 1, distinctAddresses: 1 }, { stance: 'oppose', contributions: 1, distinctAddresses: 0 }, { stance: null, contributions: 4, distinctAddresses: 2 }]);
    expect(body.byAudience.map(({ audience, contributions }: Parsed) => [audience, contributions])).toEqual([['citizen', 1], ['patient', 1], [null, 4]]);
    for (const list of [body.byDay, body.byHour, body.bySection, body.byKind, body.byStance, body.byAudience]) expect(list.reduce((sum: number, row: Parsed) => sum + row.contributions, 0)).toBe(6);
    expect(Object.values(body.definitions).every((definition: Parsed) => definition.fr && definition.en)).toBe(true);
  });

  it('show a chapter once somebody has pointed to it as a whole, in its place before its sections', async () => {
    const { campaignId, chapter, first } = await heardCampaign(service);
    const proposal = contribution(campaignId, { classification: { kind: 'proposal', targets: [{ type: 'section', id: chapter }] } });
    const answer = contribution(campaignId, { classification: { kind: 'argument', stance: 'oppose', targets: [{ type: 'contribution', id: proposal.contributionId }] } });
    expect((await figures(campaignId)).body.bySection.map(({ number }: Parsed) => number)).toEqual(['1.1', '1.2']);

    await submit(service, proposal, answer, contribution(campaignId, { classification: { kind: 'remark', targets: [{ type: 'section', id: first }] } }));

    expect((await figures(campaignId)).body.bySection.map(({ number, contributions }: Parsed) => [number, contributions])).toEqual([['1', 2], ['1.1', 1], ['1.2', 0]]);
  });

  it('of nobody yet are zeros, not an error', async () => {
    const { campaignId } = await heardCampaign(service);
    expect((await figures(campaignId)).body).toMatchObject({ contributions: 0, distinctAddresses: 0, byKind: [], byHour: [] });
  });

  it('are those of the own steering bodies for a steering member; other campaigns do not exist for it', async () => {
    const { campaignId } = await heardCampaign(service);
    expect((await figures(campaignId, '', 'steering-member', ['COPIL'])).status).toBe(200);
    expect((await figures(campaignId, '', 'steering-member', ['DNS'])).body).toMatchObject({ status: 404, type: '/problems/campaign.unknown' });
    expect((await figures(randomUUID(), '', 'steering-member', ['COPIL'])).body).toMatchObject({ status: 404, type: '/problems/campaign.unknown' });
  });

  it('are not for the public, nor for a moderator', async () => {
    const { campaignId } = await heardCampaign(service);
    expect((await service.get(`/staff/campaigns/${campaignId}/figures`)).status).toBe(401);
    expect((await figures(campaignId, '', 'moderator')).status).toBe(403);
  });

  it('of a campaign without dates are refused', async () => {
    const { campaignId, facts } = await heardCampaign(service);
    const { window: _, ...draft } = facts;
    await deliver(service.app, campaignUnscheduled, { ...draft, state: 'draft' }, 3);
    expect((await figures(campaignId)).body).toMatchObject({ status: 409, type: '/problems/campaign.not-scheduled' });
  });
});
