import { campaignCancelled, campaignOpened, campaignReminderDue } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { freshAddress, heard, startService, subscribed, type TestService, until } from '../harness.spec.js';
import { linkToken } from '../mails/links.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

const subscribe = (email: unknown, campaignId: string, more: object = {}) => service.ask('POST', '/subscriptions', { json: { email, language: 'fr', campaignId, consent: true, ...more } });
const mailsTo = (address: string) => service.sink.mails.filter(({ to }) => JSON.stringify(to).includes(address));
const state = async (address: string) => (await service.db.query<{ state: string }[]>('SELECT state FROM subscription WHERE recipient = $1', [address]))[0]?.state;
const linkOf = (text: string, page: string): string => new RegExp(`https://consultation\\.example\\.org(/${page}\\?token=\\S+)`).exec(text)![1]!;

describe('subscribing', () => {
  it('takes two steps: the mail’s link shows a page and changes nothing, its button confirms', async () => {
    const { campaignId } = await heard(service, { state: 'scheduled' });
    const address = freshAddress();
    expect((await subscribe(address, campaignId)).status).toBe(202);
    await until(() => mailsTo(address).length === 1, 'the confirmation');
    expect(mailsTo(address)[0]!.headers.has('list')).toBe(false); // there is nothing to leave yet
    const path = linkOf(mailsTo(address)[0]!.text!, 'confirm');
    const page = await service.ask('GET', path);
    expect([page.status, page.headers['content-type'], await state(address)]).toEqual([200, 'text/html; charset=utf-8', 'pending']);
    expect(page.text).not.toContain(address);

    const token = new URL(path, 'https://x').searchParams.get('token')!;
    expect((await service.ask('POST', '/confirm', { form: { token } })).status).toBe(200);
    expect(await state(address)).toBe('confirmed');
    expect((await service.ask('POST', '/confirm', { form: { token } })).status).toBe(200);
  });

  it('answers alike whether the address is known or not', async () => {
    const { campaignId } = await heard(service, { state: 'scheduled' });
    const { address } = await subscribed(service, campaignId);
    const replies = [await subscribe(address, campaignId), await subscribe(freshAddress(), campaignId)];
    const seen = replies.map(({ status, text, headers }) => [status, text, Object.keys(headers).sort()]);
    expect(seen[0]).toEqual(seen[1]);
    expect((await service.states('confirmation')).length).toBeGreaterThan(0);
    expect((await service.db.query(`SELECT 1 FROM dispatch WHERE recipient = $1`, [address]))).toEqual([]);
  });

  it('bombs nobody: a few confirmations a day for an address, whoever asks, wherever and at once', async () => {
    const [one, everywhere] = [freshAddress(), freshAddress()];
    const campaigns = await Promise.all([1, 2, 3, 4].map(() => heard(service, { state: 'scheduled' })));
    const ask = (address: string, { campaignId }: { campaignId: string }) => Promise.all([1, 2, 3].map(() => subscribe(address.toUpperCase(), campaignId)));
    await Promise.all([ask(one, campaigns[0]!), ...campaigns.map((campaign) => ask(everywhere, campaign))]);
    expect(await service.db.query('SELECT count(*)::integer AS n FROM dispatch WHERE recipient IN ($1, $2) GROUP BY recipient ORDER BY n', [one, everywhere])).toEqual([{ n: 2 }, { n: 5 }]);
  });

  it.each([
    ['several addresses', 'a@example.org, b@example.org'], ['a display name', '"x" <b@example.org>'], ['a header', 'a@example.org\r\nBcc: b@example.org'], ['an array', ['a@example.org']], ['a right-to-left mark', 'a\u202e@example.org'],
  ])('refuses %s', async (_name, email) => {
    const { campaignId } = await heard(service, { state: 'scheduled' });
    const { status, body, text } = await subscribe(email, campaignId);
    expect([status, body.errors[0].pointer]).toEqual([400, '/email']);
    expect(text).not.toContain('b@example.org');
    expect(await service.db.query('SELECT 1 FROM subscription WHERE campaign_id = $1', [campaignId])).toEqual([]);
  });

  it('needs consent, a known campaign, and nothing more', async () => {
    const { campaignId } = await heard(service, { state: 'scheduled' });
    expect((await subscribe(freshAddress(), campaignId, { consent: false })).status).toBe(400);
    expect((await subscribe(freshAddress(), campaignId, { state: 'confirmed' })).status).toBe(400);
    expect((await subscribe(freshAddress(), randomUUID())).body.type).toBe('/problems/campaign.unknown');
  });
});

describe('an announcement', () => {
  it('goes to those who confirmed and want it, with one click to end it; and once', async () => {
    const facts = await heard(service, { state: 'scheduled' });
    const [reader, choosy] = [await subscribed(service, facts.campaignId), await subscribed(service, facts.campaignId)];
    const unconfirmed = freshAddress();
    await subscribe(unconfirmed, facts.campaignId);
    const token = (id: string) => linkToken(service.config.LINK_KEYS, 'manage', id);
    expect((await service.ask('POST', '/preferences', { form: { token: token(choosy.subscriptionId), closing: 'on' } })).text).toContain('Vos choix sont enregistrés.');

    for (let i = 0; i < 2; i++) await deliver(service.app, campaignOpened, { ...facts, state: 'open' }, 2);
    await until(async () => (await service.states('opening', facts.campaignId)).join() === 'sent', 'the announcement');
    const [mail, ...more] = mailsTo(reader.address);
    const list = mail!.headers.get('list') as { unsubscribe?: { url?: string }; 'unsubscribe-post'?: unknown } | undefined;
    expect(JSON.stringify(list)).toContain('/unsubscribe?token=');
    expect([more, mailsTo(choosy.address)]).toEqual([[], []]);
    expect(mailsTo(unconfirmed).every(({ subject }) => subject!.startsWith('Confirmez'))).toBe(true);
    expect(mail!.text).not.toContain(choosy.address);

    await until(async () => (await service.said()).some(({ type }) => type === 'mailing.completed.v1'), 'mailing.completed');
    const completed = (await service.said()).filter(({ type, data }) => type === 'mailing.completed.v1' && (data as { campaignId: string }).campaignId === facts.campaignId);
    expect(completed.map(({ aggregateversion, data }) => [aggregateversion, (data as { counts: object }).counts])).toEqual([[1, { sent: 1 }]]);
  });

  it('of a reminder and of a cancellation names what it is about', async () => {
    const facts = await heard(service);
    const { address } = await subscribed(service, facts.campaignId);
    await deliver(service.app, campaignReminderDue, { ...facts, reminderId: randomUUID(), hoursBeforeClosing: 24 }, 2);
    await deliver(service.app, campaignCancelled, { ...facts, state: 'cancelled', reason: 'Projet retiré' }, 3);
    await until(() => mailsTo(address).length === 2, 'both');
    const texts = mailsTo(address).map(({ subject, text }) => `${subject} ${text}`);
    expect(texts.some((text) => text.includes('Clôture dans un jour'))).toBe(true);
    expect(texts.some((text) => text.includes('Projet retiré'))).toBe(true);
  });
});

describe('unsubscribing', () => {
  it('needs a POST, from the page or by a mail program’s one click, and is for ever', async () => {
    const facts = await heard(service, { state: 'scheduled' });
    for (const click of [(token: string) => service.ask('POST', '/unsubscribe', { form: { token } }), (token: string) => service.ask('POST', `/unsubscribe?token=${token}`, { form: { 'List-Unsubscribe': 'One-Click' } })]) {
      const { address, subscriptionId } = await subscribed(service, facts.campaignId);
      const token = linkToken(service.config.LINK_KEYS, 'manage', subscriptionId);
      expect((await service.ask('GET', `/unsubscribe?token=${token}`)).status).toBe(200);
      expect(await state(address)).toBe('confirmed');
      expect((await click(token)).status).toBe(200);
      expect(await state(address)).toBe('unsubscribed');
      // An old link to confirm does not bring it back.
      expect((await service.ask('POST', '/confirm', { form: { token: linkToken(service.config.LINK_KEYS, 'confirm', subscriptionId) } })).status).toBe(404);
      expect(await state(address)).toBe('unsubscribed');
    }
    await deliver(service.app, campaignOpened, { ...facts, state: 'open' }, 2);
    expect(await service.states('opening', facts.campaignId)).toEqual([]);
  });

  it.each([['another purpose', 'confirm' as const], ['another person', 'manage' as const]])('by a token of %s does nothing', async (_name, purpose) => {
    const { campaignId } = await heard(service, { state: 'scheduled' });
    const [mine, other] = [await subscribed(service, campaignId), await subscribed(service, campaignId)];
    const token = purpose === 'confirm' ? linkToken(service.config.LINK_KEYS, 'confirm', other.subscriptionId) : linkToken(service.config.LINK_KEYS, 'manage', mine.subscriptionId).replace(mine.subscriptionId, other.subscriptionId);
    for (const path of ['/unsubscribe', '/preferences']) expect((await service.ask('POST', path, { form: { token } })).status).toBe(404);
    expect(await state(other.address)).toBe('confirmed');
  });
});
