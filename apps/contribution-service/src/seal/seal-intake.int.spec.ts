import { randomBytes, randomUUID } from 'node:crypto';
import { campaignClosed, IntakeDigest, intakeSealed, type CampaignFacts } from '@cahier/contracts';
import { deliver } from '@cahier/messaging';
import { shiftClock } from '@cahier/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { acceptContributions, type BatchRow } from '../intake/accept-contributions.statement.js';
import { Columns } from '../intake/columns.js';
import { heardCampaign, proposal, startService, stored, until, type Json, type TestService } from '../harness.spec.js';
import { SealIntake } from './seal-intake.use-case.js';
import { Sealer } from './sealer.js';

let service: TestService;
let sealer: Sealer;
beforeAll(async () => {
  service = await startService();
  sealer = service.app.get(Sealer);
});
afterEach(async () => { await shiftClock(service.db, { by: 0 }); });
afterAll(async () => { await service.stop(); });

const opensAt = new Date('2027-01-04T08:00:00.000Z');
const closesAt = new Date('2027-02-01T11:00:00.000Z');
/** MAX_QUEUE_WAIT_MS by default, and a second. */
const grace = 6_000;
const clockAt = async (msAfterClosing: number) => shiftClock(service.db, { to: new Date(closesAt.getTime() + msAfterClosing) });

async function openCampaign(filings = 0): Promise<CampaignFacts> {
  await clockAt(-3_600_000);
  const campaign = await heardCampaign(service, { opensAt, closesAt });
  for (let i = 0; i < filings; i++) expect((await service.file(campaign.campaignId, proposal())).status).toBe(201);
  return campaign;
}

const hearClosed = (campaign: CampaignFacts) => deliver(service.app, campaignClosed, { ...campaign, state: 'closed' }, 5);

/** What was announced, and what it should be by the table. */
async function announced(campaignId: string): Promise<{ events: Json[]; expected: object }> {
  const events = (await stored(service.db, campaignId)).events.filter(({ type }) => type === intakeSealed.type);
  const rows = await service.db.query<Json[]>('SELECT contribution_id, body_sha256, status FROM contribution WHERE campaign_id = $1', [campaignId]);
  const digest = new IntakeDigest();
  for (const row of rows.sort((a, b) => (a.contribution_id < b.contribution_id ? -1 : 1))) digest.add(row.contribution_id, row.body_sha256, row.status === 'withdrawn');
  const withdrawn = rows.filter(({ status }) => status === 'withdrawn').length;
  return { events, expected: { campaignId, closesAt: closesAt.toISOString(), accepted: rows.length, withdrawn, digest: digest.hex() } };
}

describe('the seal', () => {
  it('counts everything, hidden and withdrawn too, and tells the fingerprint', async () => {
    const campaign = await openCampaign(6);
    const { contributions: [first, second] } = await stored(service.db, campaign.campaignId);
    await service.db.query(`UPDATE contribution SET status = 'hidden' WHERE contribution_id = $1`, [first.contribution_id]);
    await service.db.query(`UPDATE contribution SET status = 'withdrawn', text = NULL WHERE contribution_id = $1`, [second.contribution_id]);
    await hearClosed(campaign);
    await clockAt(grace + 1);
    await sealer.sealDue();

    const { events: [event, ...more], expected } = await announced(campaign.campaignId);
    expect(more).toEqual([]);
    expect(event).toMatchObject({ subject: campaign.campaignId, aggregateversion: 1, data: expected });
    expect(event.data).toMatchObject({ accepted: 6, withdrawn: 1 });
    expect(intakeSealed.data.parse(event.data)).toEqual(event.data);
  });

  it('of an empty campaign is made as well', async () => {
    const campaign = await openCampaign();
    await hearClosed(campaign);
    await clockAt(grace + 1);
    await sealer.sealDue();
    expect((await announced(campaign.campaignId)).events[0].data).toMatchObject({ accepted: 0, withdrawn: 0 });
  });

  it('waits for the closing to be heard of, and for the grace to be over', async () => {
    const campaign = await openCampaign(1);
    await clockAt(grace + 1);
    await sealer.sealDue();
    expect((await announced(campaign.campaignId)).events).toEqual([]);
    await hearClosed(campaign);
    await clockAt(grace - 1_000);
    await sealer.sealDue();
    await service.app.get(SealIntake).execute(campaign.campaignId);
    expect(await service.db.query('SELECT FROM intake_seal WHERE campaign_id = $1', [campaign.campaignId])).toEqual([]);
    await clockAt(grace + 1);
    await sealer.sealDue();
    expect((await announced(campaign.campaignId)).events).toHaveLength(1);
  });

  it('is made once, however many replicas make it', async () => {
    const replica = await startService({ DATABASE_URL: service.url });
    const campaign = await openCampaign(3);
    await hearClosed(campaign);
    await clockAt(grace + 1);
    await Promise.all([sealer, replica.app.get(Sealer), sealer].map((one) => one.sealDue()));
    await replica.stop();
    const { events, expected } = await announced(campaign.campaignId);
    expect(events.map(({ data }) => data)).toEqual([expected]);
  });

  it('is announced by whoever comes after a crash between its two transactions', async () => {
    const campaign = await openCampaign(2);
    await hearClosed(campaign);
    await clockAt(grace + 1);
    await service.app.get(SealIntake).execute(campaign.campaignId);
    expect((await announced(campaign.campaignId)).events).toEqual([]);
    await sealer.sealDue();
    await sealer.sealDue();
    const { events, expected } = await announced(campaign.campaignId);
    expect(events.map(({ data }) => data)).toEqual([expected]);
  });

  it('counts a filing that passed the gate in time and commits late', async () => {
    const campaign = await openCampaign(2);
    await clockAt(-1_000);
    const slow = new Client({ connectionString: service.url });
    await slow.connect();
    await slow.query('BEGIN');
    const { rows: [outcome] } = await slow.query({ ...acceptContributions, values: batchOf(campaign.campaignId) });
    expect(outcome.outcome).toBe('created');
    await hearClosed(campaign);
    await clockAt(grace + 1);

    const sealing = sealer.sealDue();
    // Without the gate the seal would be made here, one short.
    await until(async () => (await waitingAtGate()) === 1);
    expect((await announced(campaign.campaignId)).events).toEqual([]);
    await slow.query('COMMIT');
    await slow.end();
    await sealing;

    const { events, expected } = await announced(campaign.campaignId);
    expect(events.map(({ data }) => data)).toEqual([expected]);
    expect(events[0].data.accepted).toBe(3);
  });

  it('lets nothing in any more, whatever the clock says', async () => {
    const campaign = await openCampaign(1);
    const key = randomUUID();
    const first = await service.file(campaign.campaignId, proposal(), key);
    await hearClosed(campaign);
    await clockAt(grace + 1);
    await sealer.sealDue();
    await clockAt(-60_000);
    expect((await service.file(campaign.campaignId, proposal())).status).toBe(409);
    expect((await service.file(campaign.campaignId, proposal(), key)).text).toBe(first.text);
    const { events, expected } = await announced(campaign.campaignId);
    expect(events.map(({ data }) => data)).toEqual([expected]);
  });

  it('keeps filings out while it is being made: neither accepted nor judged', async () => {
    const campaign = await openCampaign();
    const gate = new Client({ connectionString: service.url });
    await gate.connect();
    await gate.query('BEGIN');
    await gate.query('SELECT pg_advisory_xact_lock(intake_gate($1))', [campaign.campaignId]);
    const values = batchOf(campaign.campaignId);
    const [{ outcome }] = await service.db.query<[{ outcome: string }]>(acceptContributions.text, values);
    expect(outcome).toBe('again');
    const filing = service.file(campaign.campaignId, proposal());
    await new Promise((resolve) => setTimeout(resolve, 100));
    await gate.query('ROLLBACK');
    await gate.end();
    expect((await filing).status).toBe(201);
    expect((await stored(service.db, campaign.campaignId)).contributions).toHaveLength(1);
  });
});

/** Parameters of the statement for one filing, as a batch of its own. */
function batchOf(campaignId: string): unknown[] {
  const row: BatchRow = {
    waited: 0, contribution_id: randomUUID(), campaign_id: campaignId, event_id: randomUUID(), key_hash: randomBytes(32), body_sha256: randomBytes(32).toString('hex'),
    participant_ref: null, sealed_contact: null, traceparent: null, body_sealed: Buffer.from('abc'),
    classification: JSON.stringify({ kind: 'remark', targets: [], language: 'fr', publication: 'anonymous' }), text: JSON.stringify({ body: 'tard', quotes: [] }), targets: null,
  };
  return [...new Columns().of([row]), 1, 5_000];
}

async function waitingAtGate(): Promise<number> {
  const [{ n }] = await service.db.query<[{ n: number }]>(`SELECT count(*)::integer AS n FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
  return n;
}
