import { campaignScheduled, contributionHidden, contributionSubmitted, contributionWithdrawn, envelopeOf } from '@cahier/contracts';
import { deliver, EventConsumer } from '@cahier/messaging';
import { traceId } from '@cahier/platform';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { campaign, contribution, freshAddress, heard, startService, type TestService, until } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

const mailsTo = (address: string) => service.sink.mails.filter(({ to }) => JSON.stringify(to).includes(address));

describe('a receipt', () => {
  it('goes to an author who gave an address: once, with what proves the filing and the link that manages it', async () => {
    const { campaignId } = await heard(service);
    const address = freshAddress();
    const filed = await contribution(campaignId, address);
    await deliver(service.app, contributionSubmitted, filed, 1);
    await deliver(service.app, contributionSubmitted, filed, 1);
    await until(async () => (await service.states('receipt', filed.contributionId)).join() === 'sent', 'the receipt');

    const [mail, ...others] = mailsTo(address);
    expect(others).toEqual([]);
    expect(mail!.subject).toContain(filed.filingNumber);
    for (const part of [mail!.text!, String(mail!.html)]) {
      expect(part).toContain(filed.bodySha256);
      expect(part.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')).toContain(`https://contributions.example.org/manage/${filed.contributionId}?token=jeton-de-gestion`);
      expect(part).toContain('L.112-11');
    }
    expect(mail!.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail!.headers.has('list-unsubscribe') || mail!.headers.has('list')).toBe(false);
    const [{ dispatch_id }] = await service.db.query<[{ dispatch_id: string }]>('SELECT dispatch_id FROM dispatch WHERE subject_id = $1', [filed.contributionId]);
    expect(mail!.messageId).toBe(`<${dispatch_id}@consultation.example.org>`);
  });

  it('is not made where no address was given', async () => {
    const { campaignId } = await heard(service);
    const { sealedContact: _, ...anonymous } = await contribution(campaignId, freshAddress());
    await deliver(service.app, contributionSubmitted, anonymous, 1);
    expect(await service.states('receipt', anonymous.contributionId)).toEqual([]);
  });

  it('goes on in the trace of its filing, whatever else came in the same chunk', async () => {
    const { campaignId } = await heard(service);
    const filings = await Promise.all([1, 2, 3].map(async (n) => ({ trace: String(n).repeat(32), filed: await contribution(campaignId, freshAddress()) })));
    await service.app.get(EventConsumer).handle(filings.map(({ trace, filed }, i) => ({
      topic: contributionSubmitted.topic.name, partition: 7, offset: String(i), traceparent: `00-${trace}-00f067aa0ba902b7-01`, value: Buffer.from(JSON.stringify(envelopeOf(contributionSubmitted, filed, 1, new Date(filed.receivedAt)))),
    })));
    const rows = await service.db.query<{ subject_id: string; traceparent: string }[]>('SELECT subject_id, traceparent FROM dispatch WHERE subject_id = ANY ($1)', [filings.map(({ filed }) => filed.contributionId)]);
    expect(rows.map(({ subject_id: id, traceparent }) => [id, traceId(traceparent)]).toSorted()).toEqual(filings.map(({ trace, filed }) => [filed.contributionId, trace]).toSorted());
  });

  it('waits for its campaign, which may be heard of later', async () => {
    const facts = campaign();
    const address = freshAddress();
    const filed = await contribution(facts.campaignId, address);
    await deliver(service.app, contributionSubmitted, filed, 1);
    await until(async () => (await service.db.query<{ n: number }[]>(`SELECT count(*)::integer AS n FROM dispatch WHERE subject_id = $1 AND next_attempt_at IS NOT NULL AND state = 'pending' AND attempts = 0`, [filed.contributionId]))[0]!.n === 1, 'the first look');
    expect(mailsTo(address)).toEqual([]);
    await deliver(service.app, campaignScheduled, facts, 1);
    await until(() => mailsTo(address).length === 1, 'the receipt');
  });
});

describe('what becomes of a contribution', () => {
  it('is told to its author, with the reason', async () => {
    const { campaignId } = await heard(service);
    const address = freshAddress();
    const { text: _, ...facts } = await contribution(campaignId, address);
    await deliver(service.app, contributionHidden, { ...facts, status: 'hidden', reason: 'Propos <b>injurieux</b> {{constructor}}' }, 2);
    await deliver(service.app, contributionWithdrawn, { ...facts, status: 'withdrawn' }, 3);
    await until(() => mailsTo(address).length === 2, 'both mails');
    const hidden = mailsTo(address).find(({ subject }) => subject?.includes('masquée'))!;
    expect(hidden.text).toContain('Propos <b>injurieux</b> {{constructor}}');
    expect(String(hidden.html)).toContain('Propos &lt;b&gt;injurieux&lt;/b&gt; {{constructor}}');
    expect(mailsTo(address).some(({ subject }) => subject?.includes('retirée'))).toBe(true);
  });
});
