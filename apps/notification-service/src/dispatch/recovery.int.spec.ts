import { campaignOpened, contributionSubmitted, eventId, reportPublished, type DataOf } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { SendMails } from './send-mails.use-case.js';
import { campaign, contribution, freshAddress, heard, sealed, startService, subscribed, type TestService } from '../harness.spec.js';
import { CompleteMailings } from '../mailings/complete-mailings.use-case.js';
import { settleRecovery } from './settle-recovery.js';

let service: TestService;
// Nothing is sent but by the test.
beforeAll(async () => { service = await startService({ DISPATCH_POLL_MS: '3600000' }); });
afterAll(async () => { await service.stop(); });

async function sendAll(): Promise<void> {
  const rows = await service.db.query<{ dispatch_id: string }[]>(`SELECT dispatch_id FROM dispatch WHERE state = 'pending' ORDER BY position`);
  await service.app.get(SendMails).execute(rows.map(({ dispatch_id }) => dispatch_id));
  await service.app.get(CompleteMailings).execute();
}
const sent = (): string[] => service.sink.mails.map(({ messageId, to }) => `${messageId} ${JSON.stringify(to)}`);

it('a database restored to an earlier time sends no announcement twice, and a receipt only as the same mail', async () => {
  const members = [{ memberId: '0f0e0d0c-0b0a-4908-8706-050403020100', sealedContact: await sealed({ email: freshAddress(), language: 'fr', name: 'Membre du comité' }) }];
  const facts = await heard(service, { steeringBodies: [{ ...campaign().steeringBodies[0]!, bodyId: '1f0e0d0c-0b0a-4908-8706-050403020100', code: 'COPIL', name: { fr: 'Comité', en: 'Committee' }, members }] });
  await subscribed(service, facts.campaignId);
  await subscribed(service, facts.campaignId);
  const filed = await contribution(facts.campaignId, freshAddress());
  const { data } = JSON.parse(readFileSync(new URL('../../../../libs/contracts/samples/report.published.v1.json', import.meta.url), 'utf8')) as { data: DataOf<typeof reportPublished> };
  const hear = async (): Promise<void> => {
    await deliver(service.app, contributionSubmitted, filed, 1);
    await deliver(service.app, campaignOpened, facts, 2);
    await deliver(service.app, reportPublished, { ...data, kind: 'closing', campaignId: facts.campaignId }, 1);
  };
  await hear();
  await sendAll();
  const before = sent();
  expect(before).toHaveLength(4);
  const openingId = eventId('mailing.opening', facts.campaignId, 1);
  const told = () => service.said().then((all) => all.filter(({ subject }) => subject === openingId).map(({ aggregateversion }) => aggregateversion));
  expect(await told()).toEqual([1]);

  // To before all of it; then `recover` hears it again.
  await service.db.query('TRUNCATE dispatch, mailing, inbox');
  await hear();
  const notes = await service.db.transaction(settleRecovery);
  expect(notes).toEqual([expect.stringMatching(/^2 announcements may have been sent/), expect.stringMatching(/^2 receipts and other mails to one person/), expect.stringMatching(/unsubscriptions .* are lost/)]);
  expect(await service.states('opening')).toEqual(['indeterminate', 'indeterminate']);
  await sendAll();

  // The receipt and the report's mail, each the very mail it was; whoever counts finds the attempt that cannot be known.
  const again = sent().slice(4);
  expect(again).toHaveLength(2);
  expect(before).toEqual(expect.arrayContaining(again));
  expect(await service.db.query(`SELECT kind, attempts, state FROM dispatch WHERE lane <> 'bulk' ORDER BY kind`)).toEqual([{ kind: 'receipt', attempts: 2, state: 'sent' }, { kind: 'report', attempts: 2, state: 'sent' }]);
  // The mailing is complete again, and says so under a version that nobody has heard.
  expect(await told()).toEqual([1, 2]);
});
