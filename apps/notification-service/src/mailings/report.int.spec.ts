import { campaignScheduled, campaignSteeringChanged, reportPublished, type DataOf } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPublicKey, randomUUID } from 'node:crypto';
import { jwtVerify } from 'jose';
import { campaign, freshAddress, sealed, startService, type TestService, until } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

const NOW = new Date('2026-11-24T09:00:00Z');
const mailsTo = (address: string) => service.sink.mails.filter(({ to }) => JSON.stringify(to).includes(address));
const both = (name: string) => ({ fr: name, en: name });
const member = async (email: string, name: string) => ({ memberId: randomUUID(), sealedContact: await sealed({ email, language: 'fr', name }) });
const report = (campaignId: string, changes: Partial<DataOf<typeof reportPublished>> = {}): DataOf<typeof reportPublished> => ({
  reportId: randomUUID(), campaignId, kind: 'closing', number: 'CAHIER-2026-0007', version: 1, cutoff: '2026-11-23T17:00:00.000Z',
  headline: { contributions: 4986, withdrawn: 3, hidden: 1, distinctAddresses: 172, byKind: {}, byStance: {} }, files: [], ...changes,
});

describe('the closing report', () => {
  it('goes once to each member of the steering bodies, whoever sits in two included, with a link of their own', async () => {
    const [chair, rapporteur] = [freshAddress(), freshAddress()];
    const facts = campaign({
      state: 'closed',
      steeringBodies: [
        { bodyId: randomUUID(), code: 'COPIL', name: both('Comité de pilotage'), members: [await member(chair, 'Présidence'), await member(rapporteur, 'Rapporteur')] },
        { bodyId: randomUUID(), code: 'CSUIVI', name: both('Comité de suivi'), members: [await member(rapporteur.toUpperCase(), 'Rapporteur')] },
      ],
    });
    const published = report(facts.campaignId);
    // The topics have no order between them: the report may be heard of first.
    await deliver(service.app, reportPublished, published, 1, NOW);
    expect(await service.states('report')).toEqual([]);
    await deliver(service.app, campaignScheduled, facts, 1, NOW);
    await deliver(service.app, reportPublished, published, 1, NOW);
    await deliver(service.app, campaignSteeringChanged, facts, 2);
    await until(async () => (await service.states('report')).join() === 'sent,sent', 'both mails');

    expect([mailsTo(chair).length, mailsTo(rapporteur).length]).toEqual([1, 1]);
    const { text } = mailsTo(rapporteur)[0]!;
    expect(text).toContain('Comité de pilotage, Comité de suivi');
    expect(text).toMatch(/Contributions reçues\u00a0: 4\u202f986/);
    const token = /reports\/[0-9a-f-]+\?token=(\S+)/.exec(text!)![1]!;
    const { d: _, ...publicJwk } = service.config.REPORT_LINK_PRIVATE_JWK;
    const { payload } = await jwtVerify(token, createPublicKey({ key: publicJwk, format: 'jwk' }), { issuer: 'notification-service', audience: 'reporting-service', currentDate: new Date(NOW.getTime() + 29 * 86_400_000) });
    expect(payload).toMatchObject({ reportId: published.reportId, sub: facts.steeringBodies[0]!.members[1]!.memberId });
    expect(mailsTo(chair)[0]!.text).not.toContain(token);
  });

  it('is mailed again for a new version, and an interim one is for whoever asked for it', async () => {
    const address = freshAddress();
    const facts = campaign({ state: 'closed', steeringBodies: [{ bodyId: randomUUID(), code: 'X', name: both('X'), members: [await member(address, 'Membre')] }] });
    await deliver(service.app, campaignScheduled, facts, 1);
    await deliver(service.app, reportPublished, report(facts.campaignId, { kind: 'interim' }), 1);
    const closing = report(facts.campaignId);
    await deliver(service.app, reportPublished, closing, 1);
    await deliver(service.app, reportPublished, { ...closing, version: 2 }, 2);
    await until(() => mailsTo(address).length === 2, 'both versions');
    expect(mailsTo(address).map(({ text }) => /version (\d)/.exec(text!)![1]).sort()).toEqual(['1', '2']);
  });
});
