import { createHash, randomUUID } from 'node:crypto';
import { contributionSubmitted, eventId, sealedContact } from '@cahier/contracts';
import { unseal } from '@cahier/platform';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openBody } from '../contributions/sealed-body.js';
import { heardCampaign, heardOutline, hour, proposal, startService, stored, type TestService } from '../harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

describe('filing a contribution', () => {
  it('stores it with its event and answers the receipt', async () => {
    const { campaignId, rules } = await heardCampaign(service);

    const reply = await service.file(campaignId, proposal());

    const { contributions: [row], events: [event] } = await stored(service.db, campaignId);
    expect(reply.status).toBe(201);
    expect(reply.body).toEqual({
      contributionId: row.contribution_id,
      filingNumber: row.filing_number,
      receivedAt: row.received_at.toISOString(),
      bodySha256: createHash('sha256').update(JSON.stringify(proposal())).digest('hex'),
      managementToken: expect.stringMatching(/^[\w-]{43}$/),
      responsibleService: rules.responsibleService,
    });
    expect(event).toMatchObject({ id: eventId('contribution.submitted.v1', row.contribution_id, 1), source: 'contribution-service', subject: row.contribution_id, time: reply.body.receivedAt, aggregateversion: 1 });
    expect(contributionSubmitted.data.parse(event.data)).toEqual(event.data);
    expect(event.data).toEqual({
      contributionId: row.contribution_id, campaignId, filingNumber: row.filing_number, receivedAt: reply.body.receivedAt, bodySha256: reply.body.bodySha256, status: 'filed',
      classification: { kind: 'proposal', targets: [], language: 'fr', publication: 'anonymous' },
      text: { body: 'Plus d’arbres\ndans les rues.', quotes: [] },
      origin: { keySha256: row.key_hash.toString('hex'), tokenKey: row.token_key },
    });
  });

  it('stores neither when the event cannot be recorded', async () => {
    const { campaignId } = await heardCampaign(service);
    await service.db.query('ALTER TABLE outbox RENAME TO outbox_away');
    const reply = await service.file(campaignId, proposal());
    await service.db.query('ALTER TABLE outbox_away RENAME TO outbox');

    expect(reply.status).toBe(500);
    expect((await stored(service.db, campaignId)).contributions).toEqual([]);
    expect((await service.file(campaignId, proposal())).status).toBe(201);
  });

  it('keeps every member of the body in its place, and the address sealed', async () => {
    const { campaignId } = await heardCampaign(service);
    const { section, paragraphs } = await heardOutline(service, campaignId);
    const body = {
      kind: 'evidence', targets: [{ type: 'section', id: section }, { type: 'paragraph', id: paragraphs[1], quote: 'le passage' }], stance: 'support-with-reservation',
      title: 'Étude', body: 'Texte', proposedWording: 'Autre texte', source: { url: 'https://example.org/étude?a=1', category: 'recherche' }, audience: 'patient',
      organisation: 'Association', language: 'en', publication: { preference: 'named', authorName: 'Zoé Lefèvre' }, contact: { email: 'Zoe@Example.org', consent: true },
    };

    const { body: receipt } = await service.file(campaignId, body);

    const { contributions: [row], events: [event] } = await stored(service.db, campaignId);
    const { sealedContact: sealed, participantRef, ...data } = event.data;
    expect(data.classification).toEqual({ kind: 'evidence', targets: body.targets.map(({ type, id }) => ({ type, id })), stance: body.stance, audience: 'patient', language: 'en', publication: 'named' });
    expect(data.text).toEqual({ title: 'Étude', body: 'Texte', proposedWording: 'Autre texte', quotes: [null, 'le passage'], source: body.source, organisation: 'Association', authorName: 'Zoé Lefèvre' });
    expect({ classification: row.classification, text: row.text }).toEqual({ classification: data.classification, text: data.text });
    expect(await unseal([service.contactKey], sealed, sealedContact)).toEqual({ email: 'Zoe@Example.org', language: 'en', managementToken: receipt.managementToken });
    expect(participantRef).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify({ row: { ...row, body_sealed: '' }, event })).not.toMatch(/zoe@/i);
  });

  it('knows one address again within a campaign and not in another', async () => {
    const [one, other] = [await heardCampaign(service), await heardCampaign(service)];
    const file = async (campaignId: string, email: string) => service.file(campaignId, proposal({ contact: { email, consent: true } }));
    await file(one.campaignId, 'zoe@example.org');
    await file(one.campaignId, 'Zoe@EXAMPLE.org');
    await file(one.campaignId, 'zoe+2@example.org');
    await file(other.campaignId, 'zoe@example.org');

    const [a, b, c] = (await stored(service.db, one.campaignId)).events.map(({ data }) => data.participantRef);
    const [elsewhere] = (await stored(service.db, other.campaignId)).events.map(({ data }) => data.participantRef);
    expect(a).toBe(b);
    expect(new Set([a, c, elsewhere]).size).toBe(3);
  });

  it('keeps the body byte for byte, encrypted', async () => {
    const { campaignId } = await heardCampaign(service);
    const sent = Buffer.from(`{ "kind":"proposal",\n"targets" : [], "body":"e\u0301 \\u00e9 👩🏽‍🚀 \u202Eabc", "publication":{"preference":"anonymous"} }`);

    const { body: receipt } = await service.file(campaignId, sent);

    const { contributions: [row] } = await stored(service.db, campaignId);
    const opened = openBody(service.config.BODY_KEYS, row.contribution_id, row.body_sealed);
    expect(opened.equals(sent)).toBe(true);
    expect(createHash('sha256').update(opened).digest('hex')).toBe(receipt.bodySha256);
    expect(row.body_sealed.includes('proposal')).toBe(false);
    expect(() => openBody(service.config.BODY_KEYS, randomUUID(), row.body_sealed)).toThrow();
  });

  it.each([
    ['decomposed and composed accents', 'e\u0301 \u00e9'],
    ['emoji of several code points', '👩🏽‍🚀 🏳️‍🌈'],
    ['right-to-left text and overrides', 'שלום \u202E abc \u2066x\u2069'],
    ['zero-width and stacked marks', `a\u200b${'\u0301'.repeat(500)}`],
    ['line breaks, tabs and JSON’s own characters', 'a\r\nb\tc "d" \\e \u2028 </script>'],
    ['what SQL and templates care about', `'; DROP TABLE contribution; -- {{x}} $1 %s`],
    ['noncharacters', '\ufffe\uffff'],
  ])('keeps %s exactly', async (_, body) => {
    const { campaignId } = await heardCampaign(service);
    expect((await service.file(campaignId, proposal({ body }))).status).toBe(201);
    const { contributions: [row], events: [event] } = await stored(service.db, campaignId);
    expect([row.text.body, event.data.text.body]).toEqual([body, body]);
  });

  it('counts the limit in code points', async () => {
    const { campaignId } = await heardCampaign(service);
    expect((await service.file(campaignId, proposal({ body: '🌳'.repeat(50_000) }))).status).toBe(201);
    expect((await service.file(campaignId, proposal({ body: `${'🌳'.repeat(50_000)}.` }))).status).toBe(400);
  });

  it('gives numbers whose check letter fits', async () => {
    const { campaignId } = await heardCampaign(service);
    const { body: { filingNumber } } = await service.file(campaignId, proposal());
    const [, year, number, letter] = /^(\d{4})-(\d{6,})-([A-Z])$/.exec(filingNumber)!;
    expect(letter).toBe('ABCDEFGHJKLMNPQRSTUVWXY'[Number(`${year}${number}`) % 23]);
  });

  it('gives numbers in which a wrong digit, or two exchanged neighbours, show', async () => {
    const letters = async (numbers: string[]): Promise<string[]> => (await service.db.query<{ n: string }[]>('SELECT filing_number(left(n, 4)::integer, substr(n, 5)::bigint) AS n FROM unnest($1::text[]) AS n', [numbers])).map(({ n }) => n.slice(-1));
    const digits = '2026100734';
    const wrong = [...digits].flatMap((digit, i) => [...'0123456789'].filter((other) => other !== digit).map((other) => digits.slice(0, i) + other + digits.slice(i + 1)))
      .concat([...digits].slice(1).flatMap((next, i) => (next === digits[i] ? [] : [digits.slice(0, i) + next + digits[i]! + digits.slice(i + 2)])))
      .filter((number) => /^[1-9]\d{3}[1-9]/.test(number));
    const [right] = await letters([digits]);
    expect(wrong.length).toBeGreaterThan(80);
    expect(await letters(wrong)).not.toContain(right);
    expect(await service.db.query(`SELECT filing_number(2026, 123) AS short, filing_number(2026, 1234567) AS long`)).toEqual([{ short: '2026-000123-W', long: expect.stringMatching(/^2026-1234567-/) }]);
  });
});

describe('the window', () => {
  it.each([
    ['before opening', { opensAt: new Date(Date.now() + hour), closesAt: new Date(Date.now() + 2 * hour) }, 'scheduled'],
    ['after closing', { opensAt: new Date(Date.now() - 2 * hour), closesAt: new Date(Date.now() - hour) }, 'closed'],
    ['while suspended', { state: 'suspended' as const }, 'suspended'],
    ['once cancelled', { state: 'cancelled' as const }, 'cancelled'],
  ])('refuses %s with the instants', async (_, changes, state) => {
    const { campaignId, window } = await heardCampaign(service, changes);

    const reply = await service.file(campaignId, proposal());

    expect(reply.status).toBe(409);
    expect(reply.headers['content-type']).toMatch('application/problem+json');
    expect(reply.body).toMatchObject({ type: '/problems/campaign.not-open', state, opensAt: window!.opensAt, closesAt: window!.closesAt, receivedAt: expect.stringMatching(/Z$/) });
    expect(await stored(service.db, campaignId)).toEqual({ contributions: [], events: [] });
  });

  it('is decided by the instants, not by the word that the campaign opened or closed', async () => {
    const scheduled = await heardCampaign(service, { state: 'scheduled' });
    const closed = await heardCampaign(service, { state: 'closed' });
    expect((await service.file(scheduled.campaignId, proposal())).status).toBe(201);
    expect((await service.file(closed.campaignId, proposal())).status).toBe(201);
  });

  it('does not exist for a campaign that is unknown, or back to draft', async () => {
    const { window: _, ...draft } = await heardCampaign(service);
    const { campaignUnscheduled } = await import('@cahier/contracts');
    const { deliver } = await import('@cahier/messaging');
    await deliver(service.app, campaignUnscheduled, { ...draft, state: 'draft' }, 2);
    for (const campaignId of [randomUUID(), draft.campaignId]) {
      const reply = await service.file(campaignId, proposal());
      expect([reply.status, reply.body.type]).toEqual([404, '/problems/campaign.unknown']);
    }
    expect((await stored(service.db, draft.campaignId)).contributions).toEqual([]);
  });
});

describe('what a contribution is about', () => {
  it('must exist in its campaign', async () => {
    const [here, elsewhere] = [await heardCampaign(service), await heardCampaign(service)];
    const { chapter, section, paragraphs } = await heardOutline(service, here.campaignId);
    const { body: parent } = await service.file(here.campaignId, proposal());
    const { body: stranger } = await service.file(elsewhere.campaignId, proposal());
    const good = [{ type: 'section', id: section }, { type: 'section', id: chapter.toUpperCase() }, { type: 'paragraph', id: paragraphs[0] }, { type: 'contribution', id: parent.contributionId }];
    const bad = [{ type: 'section', id: paragraphs[0] }, { type: 'paragraph', id: randomUUID() }, { type: 'contribution', id: stranger.contributionId }, { type: 'contribution', id: randomUUID() }];

    expect((await service.file(here.campaignId, proposal({ targets: good }))).status).toBe(201);
    for (const target of bad) {
      const reply = await service.file(here.campaignId, proposal({ targets: [...good, target] }));
      expect(reply.status).toBe(422);
      expect(reply.body).toMatchObject({ type: '/problems/contribution.target-unknown', errors: [{ pointer: '/targets/4/id' }] });
    }
    expect((await stored(service.db, here.campaignId)).contributions).toHaveLength(2);
  });

  it('is not questioned before the document has been heard of', async () => {
    const { campaignId } = await heardCampaign(service);
    expect((await service.file(campaignId, proposal({ targets: [{ type: 'paragraph', id: randomUUID() }] }))).status).toBe(201);
  });

  it('may be gone from the document when the request is repeated', async () => {
    const { campaignId } = await heardCampaign(service);
    const { section } = await heardOutline(service, campaignId);
    const key = randomUUID();
    const body = proposal({ targets: [{ type: 'section', id: section }] });
    const first = await service.file(campaignId, body, key);
    await heardOutline(service, campaignId, 3);
    expect(await service.file(campaignId, body, key)).toMatchObject({ status: 201, body: first.body });
    expect((await service.file(campaignId, body)).status).toBe(422);
  });
});
