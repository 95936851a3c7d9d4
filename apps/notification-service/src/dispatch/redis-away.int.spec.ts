import { contributionSubmitted } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { describe, expect, it } from '@jest/globals';
import { testServers } from '@cahier/testing';
import { createClient } from 'redis';
import { contribution, freshAddress, heard, startService, until } from '../harness.spec.js';

describe('Redis, away at boot', () => {
  it('keeps neither the service from starting nor events from being heard: the mails wait, and stopping waits for nothing', async () => {
    const service = await startService({ REDIS_URL: 'redis://127.0.0.1:1' });
    const { campaignId } = await heard(service);
    const filed = await contribution(campaignId, freshAddress());
    await deliver(service.app, contributionSubmitted, filed, 1);
    expect(await service.states('receipt', filed.contributionId)).toEqual(['pending']);
    expect((await service.ask('POST', '/subscriptions', { json: { email: freshAddress(), language: 'fr', campaignId, consent: true } })).status).toBe(202);
    await service.stop();
  });
});

describe('Redis, started again', () => {
  it('has forgotten the scripts of the queues: mails go out all the same', async () => {
    const service = await startService();
    try {
      const { campaignId } = await heard(service);
      const redis = createClient({ url: testServers().redisUrl });
      await redis.connect();
      await redis.sendCommand(['SCRIPT', 'FLUSH', 'SYNC']);
      redis.destroy();
      const filed = await contribution(campaignId, freshAddress());
      await deliver(service.app, contributionSubmitted, filed, 1);
      await until(async () => (await service.states('receipt', filed.contributionId))[0] === 'sent', 'the receipt to be sent');
    } finally {
      await service.stop();
    }
  });
});
