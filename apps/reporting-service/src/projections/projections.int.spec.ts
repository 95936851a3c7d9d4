import { campaignClosed, campaignScheduled, contributionHidden, contributionShown, contributionSubmitted, contributionWithdrawn, documentPublished, envelopeOf, intakeSealed, type EventContract } from '@cahier/contracts';
import { deliver, EventConsumer } from '@cahier/messaging';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { campaign, chunk, contribution, heardCampaign, reportIn, sealOf, startService, submit, type Parsed, type TestService } from '../harness.spec.js';
import { forgetProjections } from './forget-projections.js';

// Reports are made, on machines that do much else.
jest.setTimeout(60_000);

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

const rowOf = async (id: string) => (await service.db.query<Parsed[]>('SELECT * FROM contribution WHERE contribution_id = $1', [id]))[0];
/** Every projected table, as text: byte for byte. */
const everything = async () => Promise.all(['campaign', 'document', 'document_node', 'contribution', 'intake_seal'].map(async (table) => [table, await service.db.query(`SELECT t::text FROM ${table} AS t ORDER BY 1`)]));
const withoutText = <T extends { text: unknown }>({ text: _, ...rest }: T): Omit<T, 'text'> => rest;

describe('the projection of contributions', () => {
  it('keeps all that was said, code point for code point, whether or not the campaign is known', async () => {
    const facts = contribution(randomUUID(), {
      participantRef: 'a'.repeat(64),
      classification: { kind: 'evidence', stance: 'oppose', audience: 'patient', publication: 'named', targets: [{ type: 'paragraph', id: randomUUID() }, { type: 'contribution', id: randomUUID() }] },
      text: { title: 'e\u0301\u00e9', body: '=1+1\r\n\u200b😀\ttab', proposedWording: 'x', quotes: ['« cité »', null], source: { url: 'https://example.org', category: 'thèse' }, organisation: 'Org', authorName: 'Ann' },
    });
    await submit(service, facts);
    expect(await rowOf(facts.contributionId)).toMatchObject({
      title: 'e\u0301\u00e9', body: '=1+1\r\n\u200b😀\ttab', proposed_wording: 'x', quotes: ['« cité »', null], source_url: 'https://example.org', source_category: 'thèse', organisation: 'Org', author_name: 'Ann',
      kind: 'evidence', stance: 'oppose', audience: 'patient', publication: 'named', anchor_node_id: facts.classification.targets[0]!.id, parent_id: facts.classification.targets[1]!.id, version: 1,
      participant_ref: 'a'.repeat(64),
    });
    expect((await rowOf(facts.contributionId)).received_at.toISOString()).toBe(facts.receivedAt);
  });

  it('handles an event once, however often it comes', async () => {
    const facts = contribution(randomUUID());
    await submit(service, facts);
    const once = await rowOf(facts.contributionId);
    const receipt = await deliver(service.app, contributionSubmitted, facts, 1);
    expect(receipt).toMatchObject({ handled: 0, duplicates: 1 });
    // Also when the inbox has forgotten it.
    await service.db.query('TRUNCATE inbox');
    await submit(service, facts);
    expect(await rowOf(facts.contributionId)).toEqual(once);
  });

  it('keeps the row and drops every word of a withdrawn one', async () => {
    const facts = contribution(randomUUID(), { classification: { publication: 'named' }, text: { title: 'T', authorName: 'Ann', organisation: 'Org' } });
    await submit(service, facts);
    await deliver(service.app, contributionWithdrawn, { ...withoutText(facts), status: 'withdrawn' }, 2);
    expect(await rowOf(facts.contributionId)).toMatchObject({ status: 'withdrawn', version: 2, kind: 'proposal', title: null, body: null, author_name: null, organisation: null, quotes: null });
  });

  it('does not go back when an older event comes late', async () => {
    const facts = contribution(randomUUID());
    await deliver(service.app, contributionHidden, { ...withoutText(facts), status: 'hidden', reason: 'insulte' }, 2);
    await submit(service, facts);
    expect(await rowOf(facts.contributionId)).toMatchObject({ status: 'hidden', version: 2, body: null });
  });

  it('is right after a gap: each event carries the whole fact', async () => {
    const facts = contribution(randomUUID());
    await submit(service, facts);
    await deliver(service.app, contributionShown, { ...facts, reason: 'erreur' }, 3);
    expect(await rowOf(facts.contributionId)).toMatchObject({ status: 'filed', version: 3, body: facts.text.body });
  });

  it('takes a chunk of events in one statement for each type', async () => {
    const campaignId = randomUUID();
    const all = Array.from({ length: 20 }, () => contribution(campaignId));
    const asked = await upsertsDuring(async () => { await chunk(service, contributionSubmitted, all.map((data) => [data, 1])); });
    expect(await service.db.query('SELECT count(*)::integer AS count FROM contribution WHERE campaign_id = $1', [campaignId])).toEqual([{ count: 20 }]);
    // One for the event that `chunk` delivers alone, one for the rest.
    expect(asked).toBe(2);
  });
});

describe('any order of deliveries', () => {
  it('ends in the newest version of each contribution, inbox forgotten or not', async () => {
    const delivery = fc.record({ which: fc.nat(2), version: fc.integer({ min: 1, max: 4 }) });
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ events: fc.array(delivery, { minLength: 1, maxLength: 8 }), forgotten: fc.boolean() }), { minLength: 1, maxLength: 6 }), async (chunks) => {
      const all = [0, 1, 2].map(() => contribution(randomUUID()));
      const states = all.map((facts): readonly (readonly [EventContract, object, string])[] => [
        [contributionSubmitted, facts, 'filed'], [contributionHidden, { ...withoutText(facts), status: 'hidden', reason: 'r' }, 'hidden'],
        [contributionShown, { ...facts, reason: 'r' }, 'filed'], [contributionWithdrawn, { ...withoutText(facts), status: 'withdrawn' }, 'withdrawn'],
      ]);
      const newest = [0, 0, 0];
      await deliver(service.app, campaignScheduled, campaign(), 1); // connects the handlers
      for (const { events, forgotten } of chunks) {
        if (forgotten) await service.db.query('TRUNCATE inbox');
        await service.app.get(EventConsumer).receive('contribution.events', events.map(({ which, version }) => {
          const [contract, data] = states[which]![version - 1]!;
          newest[which] = Math.max(newest[which]!, version);
          return JSON.stringify(envelopeOf(contract, data, version, new Date('2026-03-02T09:00:00.000Z')));
        }));
        for (const [which, version] of newest.entries()) {
          const row = await rowOf(all[which]!.contributionId);
          expect(row && [row.version, row.status, row.body]).toEqual(version === 0 ? undefined : [version, states[which]![version - 1]![2], version % 2 === 1 ? all[which]!.text.body : null]);
        }
      }
    }), { numRuns: 25, endOnFailure: true });
  });
});

describe('the copy of campaigns and documents', () => {
  it('holds no sealed address, and the last version wins', async () => {
    const facts = campaign();
    await deliver(service.app, campaignClosed, { ...facts, state: 'closed' }, 5);
    await deliver(service.app, campaignScheduled, facts, 1);
    const [row] = await service.db.query<Parsed[]>('SELECT * FROM campaign WHERE campaign_id = $1', [facts.campaignId]);
    expect(row).toMatchObject({ state: 'closed', version: 5, zone: 'Europe/Paris', body_codes: ['COPIL'], member_ids: [facts.steeringBodies[0]!.members[0]!.memberId] });
    expect(JSON.stringify(row)).not.toContain('sealedContact');
  });

  it('replaces the outline as a whole', async () => {
    const { campaignId, first } = await heardCampaign(service);
    const node = { id: randomUUID(), kind: 'section' as const, number: '1', heading: 'Seule', hash: '0'.repeat(64) };
    await deliver(service.app, documentPublished, { campaignId, title: { fr: 'Nouveau', en: 'New' }, nodes: [node] }, 4);
    await deliver(service.app, documentPublished, { campaignId, title: { fr: 'Ancien', en: 'Old' }, nodes: [{ ...node, id: first }] }, 3);
    expect(await service.db.query('SELECT node_id, section_id FROM document_node WHERE campaign_id = $1', [campaignId])).toEqual([{ node_id: node.id, section_id: node.id }]);
  });
});

describe('rebuilding', () => {
  it('gives the same tables byte for byte from the same events in any order, and keeps the reports', async () => {
    await forgetProjections(service.db);
    const facts = campaign();
    const { campaignId } = facts;
    const [a, b, c] = [contribution(campaignId), contribution(campaignId), contribution(campaignId)];
    const events: [EventContract, object, number][] = [
      [campaignScheduled, facts, 1],
      [documentPublished, { campaignId, title: { fr: 'D', en: 'D' }, nodes: [{ id: randomUUID(), kind: 'section', number: '1', hash: '0'.repeat(64) }] }, 2],
      [contributionSubmitted, a, 1], [contributionSubmitted, b, 1], [contributionSubmitted, c, 1],
      [contributionWithdrawn, { ...withoutText(b), status: 'withdrawn' }, 2],
      [contributionHidden, { ...withoutText(c), status: 'hidden', reason: 'r' }, 2], [contributionShown, { ...c, reason: 'r' }, 3],
      [campaignClosed, { ...facts, state: 'closed' }, 3],
      [intakeSealed, sealOf(campaignId, facts.window!.closesAt, [a, { ...withoutText(b), status: 'withdrawn' }, c]), 1],
    ];
    const tell = async (order: typeof events) => {
      for (const [contract, data, version] of order) await service.app.get(EventConsumer).receive(contract.topic.name, [JSON.stringify(envelopeOf(contract, data as never, version, new Date('2026-03-02T09:00:00.000Z')))]);
    };
    await tell(events);
    const before = await everything();
    const report = await reportIn(service, campaignId, 'closing', 'published');

    await forgetProjections(service.db);
    expect((await everything()).every(([, rows]) => (rows as unknown[]).length === 0)).toBe(true);
    await tell(events.toReversed());

    expect(await everything()).toEqual(before);
    expect(await service.db.query('SELECT report_id, state FROM report WHERE campaign_id = $1', [campaignId])).toEqual([{ report_id: report.report_id, state: 'published' }]);
  });
});

/** How many times a statement that inserts contributions reached the database. */
async function upsertsDuring(work: () => Promise<void>): Promise<number> {
  await service.db.query('CREATE SEQUENCE IF NOT EXISTS upserts');
  await service.db.query(`CREATE OR REPLACE FUNCTION count_upsert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('upserts'); RETURN NULL; END $$`);
  await service.db.query('CREATE OR REPLACE TRIGGER count_upsert BEFORE INSERT ON contribution FOR EACH STATEMENT EXECUTE FUNCTION count_upsert()');
  await service.db.query(`SELECT setval('upserts', 1)`);
  await work();
  const [row] = await service.db.query<{ last_value: string }[]>('SELECT last_value FROM upserts');
  await service.db.query('DROP TRIGGER count_upsert ON contribution');
  return Number(row!.last_value) - 1;
}
