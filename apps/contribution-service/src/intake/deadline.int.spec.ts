import { setTimeout as pause } from 'node:timers/promises';
import { shiftClock, stopClock } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { heardCampaign, lockTable, proposal, startService, stored, until, waitingBatches, type TestService } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService({ MAX_QUEUE_WAIT_MS: '30000' }); });
afterEach(async () => { await shiftClock(service.db, { by: 0 }); });
afterAll(async () => { await service.stop(); });

const opensAt = new Date('2027-01-04T08:00:00.000Z');
const closesAt = new Date('2027-02-01T11:00:00.000Z');

describe('closing', () => {
  it('is decided by receivedAt and the database’s clock alone, to the millisecond', async () => {
    let campaignId = '';
    let replies: Awaited<ReturnType<TestService['file']>>[] = [];
    // A busy machine may not get a single request in within 150 ms: then with more time before the closing.
    for (let leadMs = 150; !replies.some(({ status }) => status === 201); leadMs *= 4) {
      ({ campaignId } = await heardCampaign(service, { opensAt, closesAt }));
      await shiftClock(service.db, { to: new Date(closesAt.getTime() - leadMs) });
      replies = [];
      for (let past = 0; past < 10; past += replies.at(-1)!.status === 409 ? 1 : 0) replies.push(await service.file(campaignId, proposal()));
    }

    for (const { status, body } of replies) expect(status).toBe(body.receivedAt < closesAt.toISOString() ? 201 : 409);
    const { contributions } = await stored(service.db, campaignId);
    expect(contributions.length).toBe(replies.filter(({ status }) => status === 201).length);
    expect(contributions.every(({ received_at }) => received_at < closesAt)).toBe(true);
  });

  it.each([
    ['one millisecond before opening', new Date(opensAt.getTime() - 1), 409],
    ['long before closing', new Date(closesAt.getTime() - 60_000), 201],
    ['a minute after closing', new Date(closesAt.getTime() + 60_000), 409],
  ])('at %s', async (_, now, status) => {
    const { campaignId } = await heardCampaign(service, { opensAt, closesAt });
    await stopClock(service.db, now);
    expect((await service.file(campaignId, proposal())).status).toBe(status);
  });

  it('does not refuse what arrived in time and was kept waiting, in the queue or by the database', async () => {
    const { campaignId } = await heardCampaign(service, { opensAt, closesAt });
    await shiftClock(service.db, { to: new Date(closesAt.getTime() - 4_000) });
    const release = await lockTable('contribution', service);
    // Two wait in the database, which has not begun with them; the third one waits for their places. All beyond closing.
    const replies = [service.file(campaignId, proposal())];
    await until(async () => (await waitingBatches(service.db)).length === 1);
    replies.push(service.file(campaignId, proposal()));
    await until(async () => (await waitingBatches(service.db)).length === 2);
    replies.push(service.file(campaignId, proposal()));
    await pause(4_100);
    await release();

    for (const { status, body } of await Promise.all(replies)) {
      expect(status).toBe(201);
      expect(body.receivedAt < closesAt.toISOString()).toBe(true);
    }
    expect((await service.file(campaignId, proposal())).status).toBe(409);
  });
});
