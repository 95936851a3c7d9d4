import { contributionSubmitted } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { describe, expect, it } from '@jest/globals';
import { contribution, freshAddress, heard, startService } from '../harness.spec.js';

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
