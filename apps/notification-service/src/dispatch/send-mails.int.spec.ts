import { campaignOpened, campaignRescheduled, contributionSubmitted } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { DataSource } from 'typeorm';
import { contribution, freshAddress, heard, startService, statementsOfTheJournal, subscribed, type TestService } from '../harness.spec.js';
import { DispatchJournal } from './dispatch-journal.js';
import { RecoverDispatches } from './recover-dispatches.js';
import { SendMails } from './send-mails.use-case.js';

/** Nothing is sent here unless a test does it. */
let service: TestService;
beforeAll(async () => { service = await startService({ DISPATCH_POLL_MS: '3600000' }); });
beforeEach(() => {
  delete service.sink.onRecipient;
  delete service.sink.onMessage;
});
afterAll(async () => { await service.stop(); });

const send = (...dispatchIds: string[]) => service.app.get(SendMails).execute(dispatchIds);
const mailsTo = (address: string) => service.sink.mails.filter(({ to }) => JSON.stringify(to).includes(address));
const row = async (dispatchId: string) => (await service.db.query<{ state: string; attempts: number; cause: string | null; waits: boolean }[]>('SELECT state, attempts, cause, next_attempt_at > service_now() AS waits FROM dispatch WHERE dispatch_id = $1', [dispatchId]))[0]!;

async function receipt(): Promise<{ dispatchId: string; address: string }> {
  const { campaignId } = await heard(service);
  const address = freshAddress();
  const filed = await contribution(campaignId, address);
  await deliver(service.app, contributionSubmitted, filed, 1);
  const [{ dispatch_id: dispatchId }] = await service.db.query<[{ dispatch_id: string }]>('SELECT dispatch_id FROM dispatch WHERE subject_id = $1', [filed.contributionId]);
  return { dispatchId, address };
}

async function announcement(): Promise<{ dispatchId: string; address: string; campaignId: string; subscriptionId: string }> {
  const facts = await heard(service, { state: 'scheduled' });
  const { address, subscriptionId } = await subscribed(service, facts.campaignId);
  await deliver(service.app, campaignOpened, { ...facts, state: 'open' }, 2);
  const [{ dispatch_id: dispatchId }] = await service.db.query<[{ dispatch_id: string }]>(`SELECT dispatch_id FROM dispatch WHERE recipient = $1 AND kind = 'opening'`, [address]);
  return { dispatchId, address, campaignId: facts.campaignId, subscriptionId };
}

describe('one row', () => {
  it('is sent once, however many jobs come for it', async () => {
    const { dispatchId, address } = await receipt();
    await Promise.all(Array.from({ length: 8 }, () => send(dispatchId)));
    await send(dispatchId);
    expect(mailsTo(address)).toHaveLength(1);
    expect(await row(dispatchId)).toMatchObject({ state: 'sent', attempts: 1 });
    // Measured from the filing, which is that of the sample.
    const { text } = await service.ask('GET', '/metrics');
    expect(text).toMatch(/^cahier_smtp_exchange_seconds_count\{outcome="accepted"\} 1$/m);
    expect(text).toMatch(/^cahier_mail_delay_seconds_count\{lane="receipts"\} 1$/m);
    expect(text).toMatch(/^cahier_dispatch_wait_seconds\{lane="bulk"\} 0$/m);
  });

  it('that the server refuses for now is tried again later; for good, never', async () => {
    const [soft, hard] = [await receipt(), await receipt()];
    service.sink.onRecipient = (address) => ({ code: address === soft.address ? 451 : 550, text: `No such person as ${address}` });
    await send(soft.dispatchId);
    await send(hard.dispatchId);
    expect(await row(soft.dispatchId)).toEqual({ state: 'pending', attempts: 1, cause: null, waits: true });
    // The server's words may hold an address: only its code is kept.
    expect(await row(hard.dispatchId)).toMatchObject({ state: 'bounced', cause: 'SMTP 550' });
    delete service.sink.onRecipient;
    await send(soft.dispatchId);
    expect(mailsTo(soft.address)).toEqual([]); // not before its time
    await service.db.query('UPDATE dispatch SET next_attempt_at = NULL');
    await send(soft.dispatchId);
    await send(hard.dispatchId);
    expect([mailsTo(soft.address).length, mailsTo(hard.address).length]).toEqual([1, 0]);
  });

  it('waits while there is no server, as long as it takes', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const away = await startService({ DISPATCH_POLL_MS: '3600000', SMTP_URL: `smtp://127.0.0.1:${port}` });
    const { campaignId } = await heard(away);
    await deliver(away.app, contributionSubmitted, await contribution(campaignId, freshAddress()), 1);
    const [{ dispatch_id: id }] = await away.db.query<[{ dispatch_id: string }]>('SELECT dispatch_id FROM dispatch');
    for (let i = 0; i < 15; i++) {
      await away.db.query('UPDATE dispatch SET next_attempt_at = NULL');
      await away.app.get(SendMails).execute([id]);
    }
    expect(await away.db.query('SELECT state, attempts FROM dispatch')).toEqual([{ state: 'pending', attempts: 0 }]);
    await away.stop();
  });

  it('of somebody suppressed, or unsubscribed before the claim, is not sent', async () => {
    const [first, second] = [await announcement(), await receipt()];
    await service.db.query(`UPDATE subscription SET state = 'unsubscribed' WHERE subscription_id = $1`, [first.subscriptionId]);
    await service.db.query(`INSERT INTO suppression (recipient, reason, at) VALUES ($1, 'complaint', now())`, [second.address]);
    await send(first.dispatchId);
    await send(second.dispatchId);
    expect([(await row(first.dispatchId)).state, (await row(second.dispatchId)).state]).toEqual(['unsubscribed', 'suppressed']);
    expect([...mailsTo(first.address), ...mailsTo(second.address)]).toEqual([]);
  });

  it('with a hole is not sent, and is an operator’s business', async () => {
    const { dispatchId, address } = await receipt();
    await service.db.query(`UPDATE dispatch SET content = content - 'filingNumber' WHERE dispatch_id = $1`, [dispatchId]);
    const neighbour = await receipt();
    await send(dispatchId, neighbour.dispatchId);
    expect(await row(dispatchId)).toMatchObject({ state: 'failed', cause: 'The mail could not be rendered' });
    expect([mailsTo(address).length, mailsTo(neighbour.address).length]).toEqual([0, 1]);
  });
});

describe('a job of several rows', () => {
  afterEach(() => { jest.restoreAllMocks(); });

  it('has one mail under way at a time, and notes its end and the beginning of the next in one commit', async () => {
    const mails = [await announcement(), await receipt(), await announcement()];
    const underWay: number[] = [];
    service.sink.onMessage = async () => {
      const [{ n }] = await service.db.query<[{ n: number }]>(`SELECT count(*)::integer AS n FROM dispatch WHERE state = 'sending' AND dispatch_id = ANY ($1::uuid[])`, [mails.map(({ dispatchId }) => dispatchId)]);
      underWay.push(n);
      return undefined;
    };
    const statements = statementsOfTheJournal(service);
    await send(...mails.map(({ dispatchId }) => dispatchId));
    expect(underWay).toEqual([1, 1, 1]);
    expect(statements()).toBe(4);
    expect(await Promise.all(mails.map(async ({ dispatchId }) => (await row(dispatchId)).state))).toEqual(['sent', 'sent', 'sent']);
  });

  it('asks at the last moment whether somebody still wants it', async () => {
    const [first, gone, suppressed] = [await announcement(), await announcement(), await announcement()];
    service.sink.onMessage = async () => {
      await service.db.query(`UPDATE subscription SET state = 'unsubscribed' WHERE subscription_id = $1`, [gone.subscriptionId]);
      await service.db.query(`INSERT INTO suppression (recipient, reason, at) VALUES ($1, 'complaint', now())`, [suppressed.address]);
      return undefined;
    };
    await send(first.dispatchId, gone.dispatchId, suppressed.dispatchId);
    expect(await Promise.all([first, gone, suppressed].map(async ({ dispatchId }) => (await row(dispatchId)).state))).toEqual(['sent', 'unsubscribed', 'suppressed']);
    expect([...mailsTo(gone.address), ...mailsTo(suppressed.address)]).toEqual([]);
  });

  it('told to stop, ends with the mail that is under way and gives the others back at once', async () => {
    const [first, second] = [await announcement(), await announcement()];
    await service.db.query('UPDATE dispatch SET queued_at = service_now() WHERE dispatch_id = $1', [second.dispatchId]);
    const stop = new AbortController();
    service.sink.onMessage = async () => {
      stop.abort();
      return undefined;
    };
    await service.app.get(SendMails).execute([first.dispatchId, second.dispatchId], stop.signal);
    expect([(await row(first.dispatchId)).state, (await row(second.dispatchId)).state, mailsTo(second.address)]).toEqual(['sent', 'pending', []]);
    expect(await service.db.query('SELECT queued_at FROM dispatch WHERE dispatch_id = $1', [second.dispatchId])).toEqual([{ queued_at: null }]);
  });

  it('forgets nothing that the server answered while the database is away', async () => {
    const { dispatchId, address } = await announcement();
    let away = 0;
    statementsOfTheJournal(service, () => away-- > 0);
    service.sink.onMessage = async () => {
      away = 2;
      return undefined;
    };
    await send(dispatchId);
    expect([(await row(dispatchId)).state, mailsTo(address).length]).toEqual(['sent', 1]);
  });

  it('says to each what holds for them, in their language, by the newest facts, though words are made once for many', async () => {
    const facts = await heard(service, { state: 'scheduled' });
    const readers = [await subscribed(service, facts.campaignId), await subscribed(service, facts.campaignId), await subscribed(service, facts.campaignId)];
    await service.db.query(`UPDATE subscription SET language = 'en' WHERE subscription_id = $1`, [readers[1]!.subscriptionId]);
    await deliver(service.app, campaignOpened, { ...facts, state: 'open' }, 2);
    const rows = await service.db.query<{ dispatch_id: string }[]>(`SELECT dispatch_id FROM dispatch WHERE kind = 'opening' AND recipient = ANY ($1::text[]) ORDER BY array_position($1::text[], recipient)`, [readers.map(({ address }) => address)]);
    const [french, english, late] = rows.map(({ dispatch_id }) => dispatch_id);
    await send(french!, english!);
    await deliver(service.app, campaignRescheduled, { ...facts, state: 'open', title: { fr: 'Titre corrigé', en: 'Corrected title' } }, 3);
    await send(late!);
    expect(readers.map(({ address }) => mailsTo(address)[0]!.subject)).toEqual([`La consultation est ouverte – ${facts.title.fr}`, `The consultation is open – ${facts.title.en}`, 'La consultation est ouverte – Titre corrigé']);
    readers.forEach(({ address, subscriptionId }) => { for (const part of [mailsTo(address)[0]!.text!, String(mailsTo(address)[0]!.html)]) expect(new Set(part.match(/(?<=token(?:=|&#x3D;)1\.)[0-9a-f-]{36}/g))).toEqual(new Set([subscriptionId])); });
  });

  it('fails no mail because the database is away while its words are made', async () => {
    const { dispatchId } = await announcement();
    const db = service.app.get(DataSource);
    const query = db.query.bind(db);
    jest.spyOn(db, 'query').mockImplementation(async (sql, values) => {
      if (sql.startsWith('SELECT facts')) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      return query(sql, values);
    });
    await expect(send(dispatchId)).rejects.toThrow('connect');
    expect((await row(dispatchId)).state).toBe('pending');
  });

  it('ends though its row was to be renewed in the same statement', async () => {
    const { dispatchId } = await announcement();
    const [journal, attempt] = [service.app.get(DispatchJournal), { dispatchId, attempts: 0 }];
    expect(await journal.begin(attempt)).toBe(true);
    journal.renew(attempt);
    await journal.end(attempt, { state: 'sent' });
    expect((await row(dispatchId)).state).toBe('sent');
  });

  it('sends nothing that could not be claimed', async () => {
    const { dispatchId, address } = await announcement();
    statementsOfTheJournal(service, () => true);
    await expect(send(dispatchId)).rejects.toThrow('connect');
    expect([(await row(dispatchId)).state, mailsTo(address)]).toEqual(['pending', []]);
  });
});

describe('a crash while sending', () => {
  /** As a process leaves it that died after the server had said 250. */
  const crashed = (dispatchId: string) => service.db.query(`UPDATE dispatch SET state = 'sending', claimed_at = service_now() - interval '10 minutes', attempts = 1 WHERE dispatch_id = $1`, [dispatchId]);

  it('sends a receipt again under the same Message-ID', async () => {
    const { dispatchId, address } = await receipt();
    await send(dispatchId);
    await crashed(dispatchId);
    await service.app.get(RecoverDispatches).execute();
    await send(dispatchId);
    expect(mailsTo(address).map(({ messageId }) => messageId)).toEqual(Array(2).fill(`<${dispatchId}@consultation.example.org>`));
  });

  it('leaves an announcement to an operator, who sends it again or leaves it', async () => {
    const [again, left] = [await announcement(), await announcement()];
    for (const { dispatchId } of [again, left]) await crashed(dispatchId);
    await service.app.get(RecoverDispatches).execute();
    expect([(await row(again.dispatchId)).state, (await row(left.dispatchId)).state]).toEqual(['indeterminate', 'indeterminate']);
    await send(again.dispatchId);
    expect(mailsTo(again.address)).toEqual([]);

    const operator = await service.issuer.token({ roles: ['mail-operator'], name: 'Opératrice' });
    const decide = (dispatchId: string, what: string, token = operator) => service.ask('POST', `/staff/dispatches/${dispatchId}/${what}`, { token });
    expect((await decide(again.dispatchId, 'resend', await service.issuer.token({ roles: ['campaign-manager'] }))).status).toBe(403);
    const waiting = async () => (await service.ask('GET', '/staff/dispatches?state=indeterminate&decided=false', { token: operator })).body.items.map(({ dispatchId }: { dispatchId: string }) => dispatchId);
    expect(await waiting()).toEqual([again.dispatchId, left.dispatchId]);
    expect((await service.ask('GET', '/metrics')).text).toContain('cahier_dispatches{lane="bulk",state="indeterminate"} 2');
    // Said twice, as by somebody whose answer was lost.
    for (let i = 0; i < 2; i++) {
      expect((await decide(again.dispatchId, 'resend')).status).toBe(204);
      expect((await decide(left.dispatchId, 'leave')).status).toBe(204);
    }
    expect(await waiting()).toEqual([]);
    expect((await service.ask('GET', '/metrics')).text).not.toContain('state="indeterminate"');
    await send(again.dispatchId, left.dispatchId);
    expect((await decide(again.dispatchId, 'resend')).status).toBe(204);
    expect((await decide(again.dispatchId, 'leave')).status).toBe(409);
    await send(again.dispatchId);
    expect([mailsTo(again.address).length, mailsTo(left.address).length]).toEqual([1, 0]);
    expect((await row(left.dispatchId)).cause).toBe('Left as it is by Opératrice');
    expect((await decide(randomUUID(), 'resend')).body.type).toBe('/problems/dispatch.unknown');
  });

  it('in doubt a second time, it waits for another decision', async () => {
    const { dispatchId } = await announcement();
    const token = await service.issuer.token({ roles: ['mail-operator'], name: 'Opératrice' });
    for (let doubt = 0; doubt < 2; doubt++) {
      await crashed(dispatchId);
      await service.app.get(RecoverDispatches).execute();
      const { items } = (await service.ask('GET', '/staff/dispatches?state=indeterminate&decided=false', { token })).body;
      expect(items).toEqual([expect.objectContaining({ dispatchId, kind: 'opening', state: 'indeterminate', decision: doubt === 0 ? null : expect.objectContaining({ what: 'resend' }) })]);
      expect((await service.ask('POST', `/staff/dispatches/${dispatchId}/resend`, { token })).status).toBe(204);
    }
    expect((await row(dispatchId)).state).toBe('pending');
  });

  it('takes back nothing that is being worked on', async () => {
    const { dispatchId } = await announcement();
    await service.db.query(`UPDATE dispatch SET state = 'sending', claimed_at = service_now() WHERE dispatch_id = $1`, [dispatchId]);
    await service.app.get(RecoverDispatches).execute();
    expect((await row(dispatchId)).state).toBe('sending');
  });
});

describe('staff', () => {
  it('see the progress of a mailing, and addresses only as mail operators', async () => {
    const { dispatchId, address, campaignId } = await announcement();
    await send(dispatchId);
    const as = async (...roles: string[]) => service.issuer.token({ roles });
    const { items } = (await service.ask('GET', `/staff/mailings?campaignId=${campaignId}`, { token: await as('campaign-manager') })).body;
    expect(items.filter(({ kind }: { kind: string }) => kind === 'opening')).toEqual([expect.objectContaining({ counts: { sent: 1 } })]);
    const path = `/staff/mailings/${items.find(({ kind }: { kind: string }) => kind === 'opening').mailingId}/dispatches?state=sent`;
    expect((await service.ask('GET', path, { token: await as('campaign-manager') })).text).not.toContain(address);
    expect((await service.ask('GET', path, { token: await as('mail-operator') })).body.items).toEqual([expect.objectContaining({ recipient: address, state: 'sent' })]);
    expect((await service.ask('GET', path, { token: await as('analyst') })).status).toBe(403);
  });

  it('are shown what asks for them page by page, and only mail operators', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.push((await announcement()).dispatchId);
    await service.db.query(`UPDATE dispatch SET state = 'expired', settled_at = service_now() WHERE dispatch_id = ANY ($1::uuid[])`, [ids]);
    const token = await service.issuer.token({ roles: ['mail-operator'] });
    const page = async (cursor = '') => (await service.ask('GET', `/staff/dispatches?state=expired&limit=2${cursor}`, { token })).body;
    const first = await page();
    const second = await page(`&cursor=${encodeURIComponent(first.next)}`);
    expect([...first.items, ...second.items].map(({ dispatchId }: { dispatchId: string }) => dispatchId)).toEqual(ids);
    expect([first.items.length, second.next]).toEqual([2, null]);
    expect((await service.ask('GET', '/staff/dispatches?state=sent', { token })).status).toBe(400);
    expect((await service.ask('GET', '/staff/dispatches?state=expired', { token: await service.issuer.token({ roles: ['campaign-manager'] }) })).status).toBe(403);
  });
});
