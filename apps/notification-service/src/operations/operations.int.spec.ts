import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { campaignOpened, contributionSubmitted } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { shiftClock, staffWrites } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { contactRetention } from './contact-retention.js';
import { contribution, freshAddress, heard, startService, subscribed, type TestService, until } from '../harness.spec.js';

const day = 86_400_000;

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });
afterEach(() => shiftClock(service.db, { by: 0 }));

/** An announcement of unknown fate, to one subscriber of a campaign that has opened. */
async function indeterminate() {
  const facts = await heard(service);
  const { address, subscriptionId } = await subscribed(service, facts.campaignId);
  await deliver(service.app, campaignOpened, { ...facts, state: 'open' }, 2);
  await until(async () => service.sink.mails.some(({ to }) => JSON.stringify(to).includes(address)), 'the announcement');
  const settled = () => service.db.query<[{ dispatch_id: string }[], number]>(`UPDATE dispatch SET state = 'indeterminate' WHERE recipient = $1 AND state = 'sent' RETURNING dispatch_id`, [address]);
  let dispatchId: string | undefined;
  await until(async () => (dispatchId = (await settled())[0][0]?.dispatch_id) !== undefined, 'its row');
  return { campaignId: facts.campaignId, address, subscriptionId, dispatchId: dispatchId! };
}

describe('staff actions', () => {
  it('each name their actor in the audit trail, once; a refusal is none', async () => {
    const [again, left] = [await indeterminate(), await indeterminate()];
    const token = await service.issuer.token({ roles: ['admin'], sub: 'someone' });
    const post = (path: string) => () => service.ask('POST', path, { token });
    const acts: Record<string, [action: string, act: () => Promise<{ status: number }>, target: string | null, campaign: string | null]> = {
      'POST /staff/dispatches/{dispatchId}/leave': ['dispatch.leave', post(`/staff/dispatches/${left.dispatchId}/leave`), left.dispatchId, left.campaignId],
      'POST /staff/dispatches/{dispatchId}/resend': ['dispatch.resend', post(`/staff/dispatches/${again.dispatchId}/resend`), again.dispatchId, again.campaignId],
      'POST /staff/dispatches/sweep': ['dispatches.sweep', post('/staff/dispatches/sweep'), null, null],
      'POST /staff/republish': ['facts.republish', post('/staff/republish'), null, null],
      'POST /staff/retention': ['retention.run', post('/staff/retention'), null, null],
    };
    // libs/messaging looks after these.
    const ofMessaging = ['POST /staff/dead-letters/{id}/discard', 'POST /staff/dead-letters/{id}/replay'];
    expect([...Object.keys(acts), ...ofMessaging].toSorted()).toEqual(staffWrites(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')));

    const trail = () => service.db.query('SELECT subject, action, target_id, campaign_id FROM staff_action ORDER BY position');
    for (const [action, act, target_id, campaign_id] of Object.values(acts)) {
      const before = (await trail()).length;
      expect([action, Math.floor((await act()).status / 100)]).toEqual([action, 2]);
      expect((await trail()).slice(before)).toEqual([{ subject: 'someone', action, target_id, campaign_id }]);
    }
    const before = await trail();
    expect((await post(`/staff/dispatches/${randomUUID()}/resend`)()).status).toBeGreaterThanOrEqual(404);
    expect(await trail()).toEqual(before);
  });
});

describe('what has been kept long enough', () => {
  const apply = async () => {
    const removed: Record<string, number> = {};
    for (const rule of contactRetention(365)) removed[rule.name] = await rule.apply(service.db);
    return removed;
  };
  const tracesOf = async (address: string) =>
    (await service.db.query<{ n: number }[]>(`SELECT (SELECT count(*) FROM subscription WHERE address = $1)::integer + (SELECT count(*) FROM dispatch WHERE address = $1 OR recipient = $1 OR content::text LIKE '%' || $1 || '%')::integer AS n`, [address]))[0]!.n;

  it('goes: a request that nobody confirmed, after two weeks', async () => {
    const { campaignId } = await heard(service);
    const [wanted, unconfirmed] = [await subscribed(service, campaignId), freshAddress()];
    await service.ask('POST', '/subscriptions', { json: { email: unconfirmed, language: 'fr', campaignId, consent: true } });
    await until(async () => (await service.db.query(`SELECT FROM dispatch WHERE recipient = $1 AND settled_at IS NOT NULL`, [unconfirmed])).length === 1, 'the mail');
    await shiftClock(service.db, { by: 13 * day });
    await apply();
    expect(await tracesOf(unconfirmed)).toBe(2);
    await shiftClock(service.db, { by: 15 * day });
    await apply();
    expect([await tracesOf(unconfirmed), await tracesOf(wanted.address)]).toEqual([0, 1]);
  });

  it('goes: those who wanted to hear of a campaign, a year after it; that they were told, a month later, and is not told again', async () => {
    const { campaignId, address, dispatchId } = await indeterminate();
    const author = freshAddress();
    const filed = await contribution(campaignId, author);
    await deliver(service.app, contributionSubmitted, filed, 1);
    await until(async () => (await service.states('receipt', filed.contributionId)).join() === 'sent', 'the receipt');
    const [{ facts }] = await service.db.query('SELECT facts FROM campaign_copy WHERE campaign_id = $1', [campaignId]);
    const closing = new Date(facts.window.closesAt as string).getTime();
    const count = () => service.db.query<{ state: string }[]>(`SELECT state FROM dispatch JOIN mailing USING (mailing_id) WHERE campaign_id = $1 AND dispatch.kind <> 'confirmation' ORDER BY position`, [campaignId]);

    await shiftClock(service.db, { to: new Date(closing + 364 * day) });
    await apply();
    expect([await tracesOf(address), await tracesOf(author)]).toEqual([2, 1]);
    await shiftClock(service.db, { to: new Date(closing + 366 * day) });
    await apply();
    expect([await tracesOf(address), await tracesOf(author)]).toEqual([1, 1]);
    await shiftClock(service.db, { to: new Date(closing + 396 * day) });
    // What is on its way even now keeps its address until it is settled.
    const settle = (state: string, at: string) => service.db.query(`UPDATE dispatch SET state = $2, settled_at = ${at}, queued_at = NULL, next_attempt_at = service_now() + interval '1 day' WHERE recipient = $1`, [author, state]);
    await settle('pending', 'NULL');
    await apply();
    expect([await tracesOf(address), await tracesOf(author)]).toEqual([0, 1]);
    await settle('sent', 'service_now()');
    await apply();
    expect([await tracesOf(address), await tracesOf(author)]).toEqual([0, 0]);
    // Its mailing can still be counted; nobody can send it again to nobody.
    expect(await count()).toEqual([{ state: 'expired' }, { state: 'sent' }]);
    expect((await service.ask('POST', `/staff/dispatches/${dispatchId}/resend`, { token: await service.issuer.token({ roles: ['mail-operator'] }) })).status).toBe(409);
    expect(await apply()).toMatchObject({ mails: 0 });
  });
});


describe('sweeping', () => {
  it('lets mails go whose pause is not over, and tells how many', async () => {
    const { campaignId } = await heard(service);
    const address = freshAddress();
    await service.ask('POST', '/subscriptions', { json: { email: address, language: 'fr', campaignId, consent: true } });
    await until(async () => (await service.states('confirmation')).every((state) => state === 'sent'), 'the mail');
    await service.db.query(`UPDATE dispatch SET state = 'pending', settled_at = NULL, queued_at = NULL, attempts = 5, next_attempt_at = service_now() + interval '30 minutes' WHERE recipient = $1`, [address]);
    const token = await service.issuer.token({ roles: ['mail-operator'] });
    expect((await service.ask('GET', '/staff/status', { token: await service.issuer.token({ roles: ['admin'] }) })).body.figures).toMatchObject({ 'mails-pending': 1, 'mails-indeterminate': 0, 'mails-failed': 0 });
    expect((await service.ask('POST', '/staff/dispatches/sweep', { token })).body).toEqual({ mails: 1 });
    await until(() => service.sink.mails.filter(({ to }) => JSON.stringify(to).includes(address)).length === 2, 'the mail, again');
  });
});
