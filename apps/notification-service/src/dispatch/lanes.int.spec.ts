import { campaignOpened, contributionSubmitted } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { testServers } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { contribution, freshAddress, heard, startService, type TestService, until } from '../harness.spec.js';

/** More than Redis is given at once. */
const BULK = 700;

let service: TestService;
beforeAll(async () => { service = await startService({ MAIL_CONCURRENCY: '2' }); });
afterAll(async () => { await service.stop(); });

/** Confirmed subscribers, as many as a launch needs. */
async function audience(campaignId: string, size: number): Promise<void> {
  await service.db.query(
    `INSERT INTO subscription (subscription_id, campaign_id, recipient, address, language, state, kinds, consent_at)
     SELECT gen_random_uuid(), $1, 'lecteur-' || n || '@example.org', 'lecteur-' || n || '@example.org', 'fr', 'confirmed', '["opening"]', now() FROM generate_series(1, $2) AS n`,
    [campaignId, size],
  );
}

describe('the lanes', () => {
  it('let a receipt pass an announcement to many, keep Redis small, and bring everybody one mail though Redis forgets in the middle', async () => {
    const facts = await heard(service, { state: 'scheduled' });
    await audience(facts.campaignId, BULK);
    await deliver(service.app, campaignOpened, { ...facts, state: 'open' }, 2);
    await until(async () => (await service.states('opening', facts.campaignId)).filter((state) => state === 'sent').length > 20, 'the first mails');

    const redis = await createClient({ url: testServers().redisUrl }).connect();
    const mine = async () => redis.keys(`${service.config.QUEUE_PREFIX}:*`);
    expect((await mine()).length).toBeLessThan(600);

    const address = freshAddress();
    const filed = await contribution(facts.campaignId, address);
    await deliver(service.app, contributionSubmitted, filed, 1);
    await until(async () => (await service.states('receipt', filed.contributionId)).join() === 'sent', 'the receipt');
    expect((await service.states('opening', facts.campaignId)).filter((state) => state === 'pending').length).toBeGreaterThan(0);

    const keys = await mine();
    if (keys.length > 0) await redis.del(keys);
    redis.destroy();
    // What was lost is put in again once it has been silent long enough.
    await service.db.query(`UPDATE dispatch SET queued_at = service_now() - interval '1 hour' WHERE state = 'pending' AND queued_at IS NOT NULL`);
    await until(async () => (await service.states('opening', facts.campaignId)).every((state) => state === 'sent'), 'everybody');
    const recipients = service.sink.mails.map(({ to }) => JSON.stringify(to)).filter((to) => to.includes('lecteur-'));
    expect([recipients.length, new Set(recipients).size]).toEqual([BULK, BULK]);
  });
});
