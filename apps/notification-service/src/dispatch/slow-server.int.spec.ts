import { setTimeout as sleep } from 'node:timers/promises';
import { campaignOpened, contributionSubmitted } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { contribution, freshAddress, heard, startService, statementsOfTheJournal, type TestService, until } from '../harness.spec.js';
import { SendMails } from './send-mails.use-case.js';

let service: TestService;
beforeAll(async () => { service = await startService({ DISPATCH_LEASE_SECONDS: '1', DISPATCH_POLL_MS: '50' }); });
afterAll(async () => { await service.stop(); });

it('a mail server slower than the lease brings everybody one mail, and leaves nobody in doubt', async () => {
  const facts = await heard(service, { state: 'scheduled' });
  await service.db.query(
    `INSERT INTO subscription (subscription_id, campaign_id, recipient, address, language, state, kinds, consent_at)
     VALUES (gen_random_uuid(), $1, 'lente@example.org', 'lente@example.org', 'fr', 'confirmed', '["opening"]', now())`,
    [facts.campaignId],
  );
  service.sink.onMessage = async () => {
    await sleep(3_000);
    return undefined;
  };
  await deliver(service.app, campaignOpened, { ...facts, state: 'open' }, 2);
  await until(async () => !['pending', 'sending'].includes((await service.states('opening', facts.campaignId))[0] ?? 'pending'), 'its end');
  expect(await service.states('opening', facts.campaignId)).toEqual(['sent']);
  expect(service.sink.mails).toHaveLength(1);
});

it('a database that is away for longer than a row can be ours is not waited for', async () => {
  const still = await startService({ DISPATCH_LEASE_SECONDS: '1', DISPATCH_POLL_MS: '3600000' });
  try {
    const { campaignId } = await heard(still);
    await deliver(still.app, contributionSubmitted, await contribution(campaignId, freshAddress()), 1);
    const [{ dispatch_id: id }] = await still.db.query<[{ dispatch_id: string }]>('SELECT dispatch_id FROM dispatch');
    let away = false;
    still.sink.onMessage = () => {
      away = true;
      return Promise.resolve(undefined);
    };
    statementsOfTheJournal(still, () => away);
    await expect(still.app.get(SendMails).execute([id])).rejects.toThrow('connect');
    expect(await still.db.query('SELECT state FROM dispatch')).toEqual([{ state: 'sending' }]);
  } finally {
    await still.stop();
  }
});

it('a process that stood still for longer than a row can be ours does not send it: another may have', async () => {
  const still = await startService({ DISPATCH_LEASE_SECONDS: '1', DISPATCH_POLL_MS: '3600000' });
  try {
    const { campaignId } = await heard(still);
    await deliver(still.app, contributionSubmitted, await contribution(campaignId, freshAddress()), 1);
    const [{ dispatch_id: id }] = await still.db.query<[{ dispatch_id: string }]>('SELECT dispatch_id FROM dispatch');
    let stood = false;
    statementsOfTheJournal(still, () => {
      if (!stood) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
      stood = true;
      return false;
    });
    await still.app.get(SendMails).execute([id]);
    expect(still.sink.mails).toEqual([]);
    expect(await still.db.query('SELECT state, attempts FROM dispatch')).toEqual([{ state: 'pending', attempts: 0 }]);
  } finally {
    await still.stop();
  }
});
