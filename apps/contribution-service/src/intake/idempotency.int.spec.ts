import { randomUUID } from 'node:crypto';
import { shiftClock } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { heardCampaign, hour, proposal, startService, stored, type TestService } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

describe('a repeated request', () => {
  it('gets the same receipt, byte for byte', async () => {
    const { campaignId } = await heardCampaign(service);
    const key = randomUUID();
    const first = await service.file(campaignId, proposal(), key);
    const again = await service.file(campaignId, proposal(), key);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(await stored(service.db, campaignId)).toMatchObject({ contributions: [{}], events: [{}] });
  });

  it('is stored once when a hundred come at once', async () => {
    const { campaignId } = await heardCampaign(service);
    const key = randomUUID();
    const replies = await Promise.all(Array.from({ length: 100 }, () => service.file(campaignId, proposal(), key)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    const { contributions, events } = await stored(service.db, campaignId);
    expect([contributions.length, events.length]).toEqual([1, 1]);
  });

  it('is stored once when two replicas get it at once', async () => {
    const replica = await startService({ DATABASE_URL: service.url });
    const campaigns = await Promise.all(Array.from({ length: 5 }, () => heardCampaign(service)));
    const keys = Array.from({ length: 8 }, () => randomUUID());
    // Both replicas, every key three times in every campaign, in opposite orders: what would deadlock without an order of insertion.
    const all = campaigns.flatMap(({ campaignId }) => keys.flatMap((key) => [0, 1, 2].map(() => ({ campaignId, key }))));
    const replies = await Promise.all([
      ...all.map(({ campaignId, key }) => service.file(campaignId, proposal(), key)),
      ...all.toReversed().map(({ campaignId, key }) => replica.file(campaignId, proposal(), key)),
    ]);
    await replica.stop();

    expect(replies.filter(({ status }) => status !== 201)).toEqual([]);
    expect(new Set(replies.map(({ text }) => text)).size).toBe(campaigns.length * keys.length);
    for (const { campaignId } of campaigns) expect((await stored(service.db, campaignId)).contributions).toHaveLength(keys.length);
  });

  it('is refused with another body, and the first one stays', async () => {
    const { campaignId } = await heardCampaign(service);
    const key = randomUUID();
    const first = await service.file(campaignId, proposal(), key);
    // A space more is another body.
    const other = await service.file(campaignId, `${JSON.stringify(proposal())} `, key);
    expect([other.status, other.body.type]).toEqual([422, '/problems/idempotency-key.reused']);
    expect(other.text).not.toContain(first.body.contributionId);
    expect((await stored(service.db, campaignId)).contributions).toHaveLength(1);
    expect((await service.file(campaignId, proposal(), key)).text).toBe(first.text);
  });

  it('is decided for one body when two bodies come at once under one key', async () => {
    const { campaignId } = await heardCampaign(service);
    const key = randomUUID();
    const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => service.file(campaignId, proposal({ body: i % 2 ? 'un' : 'deux' }), key)));
    expect(replies.map(({ status }) => status).sort()).toEqual([...Array(10).fill(201), ...Array(10).fill(422)]);
    expect((await stored(service.db, campaignId)).contributions).toHaveLength(1);
  });

  it('is another request in another campaign', async () => {
    const [one, other] = [await heardCampaign(service), await heardCampaign(service)];
    const key = randomUUID();
    const first = await service.file(one.campaignId, proposal(), key);
    const second = await service.file(other.campaignId, proposal({ body: 'autre' }), key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.body.contributionId).not.toBe(second.body.contributionId);
    // The campaign's id has one spelling.
    expect((await service.file(one.campaignId.toUpperCase(), proposal(), key)).text).toBe(first.text);
  });

  it('gets its receipt after closing, and after the keys have changed', async () => {
    const { campaignId } = await heardCampaign(service);
    const key = randomUUID();
    const first = await service.file(campaignId, proposal(), key);
    await shiftClock(service.db, { by: 3 * hour });
    const { TOKEN_KEYS, BODY_KEYS } = service.config;
    const rotate = (ring: typeof TOKEN_KEYS) => ({ current: 2, key: (version: number) => (version === 1 ? ring.key(1) : Buffer.alloc(32, 7)) });
    Object.assign(service.config, { TOKEN_KEYS: rotate(TOKEN_KEYS), BODY_KEYS: rotate(BODY_KEYS) });
    try {
      expect((await service.file(campaignId, proposal())).status).toBe(409);
      const again = await service.file(campaignId, proposal(), key);
      expect([again.status, again.text]).toEqual([201, first.text]);
    } finally {
      Object.assign(service.config, { TOKEN_KEYS, BODY_KEYS });
      await shiftClock(service.db, { by: 0 });
    }
  });

  it('may use the key of a request that was refused', async () => {
    const { campaignId } = await heardCampaign(service);
    const key = randomUUID();
    expect((await service.file(campaignId, proposal({ body: '' }), key)).status).toBe(400);
    expect((await service.file(campaignId, proposal({ targets: [{ type: 'contribution', id: randomUUID() }] }), key)).status).toBe(422);
    expect((await service.file(campaignId, proposal(), key)).status).toBe(201);
  });
});

describe('an idempotency key', () => {
  it.each([
    ['is missing', undefined], ['is empty', ''], ['is short', '1'], ['has 21 characters', 'a'.repeat(21)], ['has 129 characters', 'a'.repeat(129)],
    ['has a space', `${'a'.repeat(22)} b`], ['has a slash', `${'a'.repeat(22)}/`], ['is not ASCII', `${'a'.repeat(22)}é`], ['is quoted', `"${randomUUID()}"`], ['is two', `${randomUUID()}, ${randomUUID()}`],
  ])('is refused when it %s', async (_, key) => {
    const { campaignId } = await heardCampaign(service);
    const reply = await service.request('POST', `/campaigns/${campaignId}/contributions`, {
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) }, payload: JSON.stringify(proposal()),
    });
    expect([reply.status, reply.body.type]).toEqual([400, '/problems/idempotency-key.invalid']);
    expect((await stored(service.db, campaignId)).contributions).toEqual([]);
  });

  it.each([['22 characters', 'A-_.~0123456789abcdefg'], ['128 characters', 'z'.repeat(128)], ['a UUID', randomUUID()]])('may have %s', async (_, key) => {
    const { campaignId } = await heardCampaign(service);
    expect((await service.file(campaignId, proposal(), key)).status).toBe(201);
  });

  it('is kept as a hash only', async () => {
    const { campaignId } = await heardCampaign(service);
    const key = randomUUID();
    await service.file(campaignId, proposal(), key);
    const [row] = await service.db.query<[{ found: boolean }]>(`SELECT c::text LIKE '%' || $2 || '%' AS found FROM contribution AS c WHERE campaign_id = $1`, [campaignId, key]);
    expect(row.found).toBe(false);
  });
});
