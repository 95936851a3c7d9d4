import { randomUUID } from 'node:crypto';
import { campaignCancelled, campaignClosed, campaignDeadlineExtended, campaignResumed, campaignSuspended } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { shiftClock } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { campaign, heardCampaign, heardOutline, hour, proposal, startService, type TestService } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterEach(async () => { await shiftClock(service.db, { by: 0 }); });
afterAll(async () => { await service.stop(); });

const window = async (campaignId: string) => (await service.request('GET', `/campaigns/${campaignId}/window`)).body;

describe('the window', () => {
  it('tells state, instants and the server’s time', async () => {
    const { campaignId, window: known } = await heardCampaign(service, { state: 'scheduled' });
    const reply = await service.request('GET', `/campaigns/${campaignId}/window`);
    expect(reply.body).toEqual({ state: 'open', opensAt: known!.opensAt, closesAt: known!.closesAt, now: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) });
    expect(reply.headers['cache-control']).toBe('no-store');
  });

  it('follows the database’s clock, whatever has been heard', async () => {
    const { campaignId } = await heardCampaign(service);
    await shiftClock(service.db, { by: -2 * hour });
    expect((await window(campaignId)).state).toBe('scheduled');
    await shiftClock(service.db, { by: 2 * hour });
    expect((await window(campaignId)).state).toBe('closed');
  });

  it('is unknown for an unknown campaign, and malformed for what is no id', async () => {
    expect((await service.request('GET', `/campaigns/${randomUUID()}/window`)).status).toBe(404);
    expect((await service.request('GET', `/campaigns/${'a'.repeat(36)}/window`)).status).toBe(400);
  });
});

describe('what is heard of a campaign', () => {
  it('counts once, and not when something newer has been heard', async () => {
    const facts = await heardCampaign(service);
    const later = { ...facts, window: { ...facts.window!, closesAt: new Date(Date.now() + 5 * hour).toISOString() }, reason: 'Demande', previousClosesAt: facts.window!.closesAt };
    await deliver(service.app, campaignDeadlineExtended, later, 3);
    await deliver(service.app, campaignDeadlineExtended, later, 3);
    await deliver(service.app, campaignSuspended, { ...facts, state: 'suspended', reason: 'x' }, 2);
    expect(await window(facts.campaignId)).toMatchObject({ state: 'open', closesAt: later.window.closesAt });
  });

  it('interrupts and resumes filing', async () => {
    const facts = await heardCampaign(service);
    await deliver(service.app, campaignSuspended, { ...facts, state: 'suspended', reason: 'x' }, 2);
    expect((await service.file(facts.campaignId, proposal())).status).toBe(409);
    await deliver(service.app, campaignResumed, facts, 3);
    expect((await service.file(facts.campaignId, proposal())).status).toBe(201);
    await deliver(service.app, campaignCancelled, { ...facts, state: 'cancelled', reason: 'x' }, 4);
    expect((await service.file(facts.campaignId, proposal())).body.state).toBe('cancelled');
  });

  it('does not end a suspension by closing early, nor close early what is open', async () => {
    const [suspended, open] = [await heardCampaign(service), await heardCampaign(service)];
    await deliver(service.app, campaignSuspended, { ...suspended, state: 'suspended', reason: 'x' }, 2);
    await deliver(service.app, campaignClosed, { ...suspended, state: 'closed' }, 3);
    await deliver(service.app, campaignClosed, { ...open, state: 'closed' }, 2);
    expect((await service.file(suspended.campaignId, proposal())).body.state).toBe('suspended');
    expect((await service.file(open.campaignId, proposal())).status).toBe(201);
  });

  it('may begin with any event', async () => {
    const facts = campaign({ state: 'closed', closesAt: new Date(Date.now() - 1_000) });
    await deliver(service.app, campaignClosed, facts, 9);
    expect((await window(facts.campaignId)).state).toBe('closed');
  });

  it('replaces the outline as a whole, and not by an older one', async () => {
    const { campaignId } = await heardCampaign(service);
    const { section } = await heardOutline(service, campaignId, 3);
    await heardOutline(service, campaignId, 2);
    expect((await service.file(campaignId, proposal({ targets: [{ type: 'section', id: section }] }))).status).toBe(201);
    await heardOutline(service, campaignId, 4);
    expect((await service.file(campaignId, proposal({ targets: [{ type: 'section', id: section }] }))).status).toBe(422);
  });
});
