import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { campaignClosed, contributionWithdrawn, envelopeOf, intakeSealed } from '@cahier/contracts';
import { deliver, republish } from '@cahier/messaging';
import { shiftClock } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { makeReport } from '../export/make-report.js';
import { facts } from '../facts.js';
import { contribution, heardCampaign, reportIn, sealOf, startService, submit, told, until, type Parsed, type TestService } from '../harness.spec.js';

// Reports are made, on machines that do much else.
jest.setTimeout(60_000);

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

const closesAt = '2026-03-06T17:00:00.000Z';
const folderOf = (report: { report_id: string; attempt: number }) => join(service.config.REPORT_STORE_FOLDER, `${report.report_id}-${report.attempt}`);

describe('the closing report', () => {
  it('waits for the contributions that the seal counts, and is made when the last one is here', async () => {
    const { campaignId, facts } = await heardCampaign(service);
    const all = [contribution(campaignId), contribution(campaignId), contribution(campaignId)];
    await submit(service, ...all.slice(0, 2));
    await deliver(service.app, campaignClosed, { ...facts, state: 'closed' }, 3);
    await deliver(service.app, intakeSealed, sealOf(campaignId, closesAt, all), 1);

    await until(async () => (await reportIn(service, campaignId, 'closing', 'awaiting')).missing === 1);
    await submit(service, all[2]!);

    const report = await reportIn(service, campaignId, 'closing', 'published', 'failed');
    expect(report).toMatchObject({ state: 'published', cause: null, number: expect.stringMatching(/^CAHIER-\d{4}-\d{4}$/), version: 1 });
    expect(report.cutoff.toISOString()).toBe(closesAt);
    const events = await told(service, report.report_id);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'report.published.v1', aggregateversion: 1, data: { headline: { contributions: 3 }, number: report.number } });
    expect(events[0].data.files.map(({ name }: { name: string }) => name)).toEqual(['report.pdf', 'contributions.csv', 'contributions.xlsx', 'contributions.jsonl', 'contributions.schema.json', 'figures.json', 'manifest.json']);
    const manifest = JSON.parse(readFileSync(join(folderOf(report), 'manifest.json'), 'utf8'));
    expect(manifest.seal).toEqual({ closesAt, accepted: 3, withdrawn: 0, digest: sealOf(campaignId, closesAt, all).digest });
  });

  /** A closed campaign of so many contributions, sealed as they are. */
  async function sealed(count: number, seal: { digest?: string } = {}) {
    const { campaignId, facts } = await heardCampaign(service);
    const all = Array.from({ length: count }, () => contribution(campaignId));
    await submit(service, ...all);
    await deliver(service.app, campaignClosed, { ...facts, state: 'closed' }, 3);
    await deliver(service.app, intakeSealed, { ...sealOf(campaignId, closesAt, all), ...seal }, 1);
    return { campaignId, facts, all };
  }

  it('waits for a withdrawal that has not arrived, though every contribution has', async () => {
    const { campaignId, facts } = await heardCampaign(service);
    const [kept, withdrawn] = [contribution(campaignId), contribution(campaignId)];
    const { text: _, ...rest } = withdrawn;
    const withdrawal = { ...rest, status: 'withdrawn' as const };
    await submit(service, kept, withdrawn);
    await deliver(service.app, campaignClosed, { ...facts, state: 'closed' }, 3);
    await deliver(service.app, intakeSealed, sealOf(campaignId, closesAt, [kept, withdrawal]), 1);
    await until(async () => (await reportIn(service, campaignId, 'closing', 'awaiting')).missing === 1);

    await deliver(service.app, contributionWithdrawn, withdrawal, 2);

    const report = await reportIn(service, campaignId, 'closing', 'published', 'mismatch', 'failed');
    expect(report).toMatchObject({ state: 'published', headline: { contributions: 2, withdrawn: 1 } });
  });

  it('waits for the campaign’s last dates, though the contributions are complete', async () => {
    const { campaignId, facts } = await heardCampaign(service);
    const all = [contribution(campaignId)];
    await submit(service, ...all);
    await deliver(service.app, intakeSealed, sealOf(campaignId, closesAt, all), 1);
    const { report_id } = await reportIn(service, campaignId, 'closing', 'awaiting');
    await until(async () => (await service.db.query<Parsed[]>('SELECT look_at > requested_at AS looked FROM report WHERE report_id = $1', [report_id]))[0].looked);
    expect((await reportIn(service, campaignId, 'closing', 'awaiting', 'queued', 'running', 'published')).state).toBe('awaiting');

    await deliver(service.app, campaignClosed, { ...facts, state: 'closed' }, 3);

    expect(await reportIn(service, campaignId, 'closing', 'published', 'failed')).toMatchObject({ state: 'published' });
  });

  it('is a mismatch, said aloud, when as many contributions have another digest; and is made once they are right', async () => {
    const { campaignId, all } = await sealed(2, { digest: 'f'.repeat(64) });
    const report = await reportIn(service, campaignId, 'closing', 'mismatch', 'published');
    // Seen before anything was made.
    expect(report).toMatchObject({ state: 'mismatch', cause: expect.stringContaining('empreinte'), attempt: 0 });
    expect((await told(service, report.report_id)).map(({ type }) => type)).toEqual(['report.failed.v1']);
    expect((await service.get('/metrics')).bytes.toString()).toMatch(/^cahier_reports\{state="mismatch"\} 1$/m);

    const list = await service.get(`/staff/reports/${report.report_id}/mismatch`, await service.as('analyst'));
    expect(list.bytes.toString().trim().split('\n').map((line) => JSON.parse(line))).toEqual(all.map(({ contributionId, bodySha256, status }) => ({ contributionId, bodySha256, status })));

    await deliver(service.app, intakeSealed, sealOf(campaignId, closesAt, all), 2);
    await service.db.query('UPDATE report SET look_at = service_now() WHERE report_id = $1', [report.report_id]);
    expect(await reportIn(service, campaignId, 'closing', 'published', 'failed')).toMatchObject({ state: 'published', cause: null });
    expect((await told(service, report.report_id)).map(({ type, aggregateversion }) => [type, aggregateversion])).toEqual([['report.failed.v1', 1], ['report.published.v1', 2]]);
  });

  it('is compared once more in its own snapshot: what changed after it was queued is seen', async () => {
    const { campaignId, all } = await sealed(2);
    const report = await reportIn(service, campaignId, 'closing', 'published');
    await service.db.query('UPDATE contribution SET body_sha256 = $2 WHERE contribution_id = $1', [all[0]!.contributionId, 'e'.repeat(64)]);
    const order = { reportId: report.report_id, campaignId, kind: 'closing' as const, number: report.number, version: 1, cutoff: closesAt, parameters: report.parameters, databaseUrl: service.config.DATABASE_URL, folder: `${folderOf(report)}-again` };
    expect(await makeReport(order)).toMatchObject({ outcome: 'mismatch', cause: expect.stringContaining('empreinte') });
    expect(readdirSync(order.folder)).toEqual([]);
  });

  it('is a mismatch when there are more contributions than were accepted', async () => {
    const { campaignId, facts } = await heardCampaign(service);
    const all = [contribution(campaignId), contribution(campaignId)];
    await submit(service, ...all);
    await deliver(service.app, campaignClosed, { ...facts, state: 'closed' }, 3);
    await deliver(service.app, intakeSealed, sealOf(campaignId, closesAt, all.slice(1)), 1);
    expect(await reportIn(service, campaignId, 'closing', 'mismatch', 'published')).toMatchObject({ state: 'mismatch', cause: expect.stringContaining('2 contributions') });
  });

  it('is a mismatch when something sealed was received after the closing: it would leave it out', async () => {
    const { campaignId, facts: known } = await heardCampaign(service);
    const all = [contribution(campaignId), contribution(campaignId, { receivedAt: closesAt })];
    await submit(service, ...all);
    await deliver(service.app, campaignClosed, { ...known, state: 'closed' }, 3);
    await deliver(service.app, intakeSealed, sealOf(campaignId, closesAt, all), 1);
    expect(await reportIn(service, campaignId, 'closing', 'mismatch', 'published')).toMatchObject({ state: 'mismatch', cause: expect.stringContaining('1 contributions avant la clôture, 2 scellées') });
  });

  it('tells staff once, after ten minutes of waiting', async () => {
    const { campaignId } = await heardCampaign(service);
    await deliver(service.app, intakeSealed, sealOf(campaignId, closesAt, [contribution(campaignId), contribution(campaignId)]), 1);
    const { report_id } = await reportIn(service, campaignId, 'closing', 'awaiting');
    const looked = async () => (await service.db.query<Parsed[]>('SELECT look_at FROM report WHERE report_id = $1', [report_id]))[0].look_at.getTime();
    const first = await looked();
    await until(async () => (await looked()) > first);
    expect(await told(service, report_id)).toEqual([]);

    await shiftClock(service.db, { by: 10 * 60_000 });
    const [event] = await until(async () => { const events = await told(service, report_id); return events.length > 0 && events; });
    expect(event).toMatchObject({ type: 'report.awaiting.v1', data: { missing: 2 } });
    const then = await looked();
    await until(async () => (await looked()) > then);
    expect(await told(service, report_id)).toHaveLength(1);
    await shiftClock(service.db, { by: 0 });
  });

  it('is ordered once, however often the seal is told', async () => {
    const { campaignId, all } = await sealed(1);
    const report = await reportIn(service, campaignId, 'closing', 'published');
    await service.db.query('TRUNCATE inbox');
    await deliver(service.app, intakeSealed, sealOf(campaignId, closesAt, all), 1);
    expect(await service.db.query('SELECT report_id FROM report WHERE campaign_id = $1', [campaignId])).toEqual([{ report_id: report.report_id }]);
  });

  it('is told again by republish as the same event', async () => {
    const { campaignId } = await sealed(1);
    const { report_id } = await reportIn(service, campaignId, 'closing', 'published');
    const [before] = await told(service, report_id);
    for await (const { contract, data, version, at } of facts(service.db)) {
      if ((data as { reportId: string }).reportId === report_id) expect(envelopeOf(contract, data, version, at)).toEqual(before);
    }
    expect(await republish(service.db, facts(service.db))).toBeGreaterThan(0);
    expect(await told(service, report_id)).toEqual([before]);
  });

  it('is not published when its event cannot be recorded', async () => {
    await service.db.query(`ALTER TABLE outbox ADD CONSTRAINT closed CHECK (topic <> 'report.events') NOT VALID`);
    const { campaignId } = await sealed(1);
    const { report_id, attempt } = await reportIn(service, campaignId, 'closing', 'running', 'published');
    // The files are in the store: what is left is to record it.
    await until(async () => existsSync(folderOf({ report_id, attempt })));
    await sleep(500);
    expect(await reportIn(service, campaignId, 'closing', 'running', 'published', 'failed')).toMatchObject({ state: 'running', published_at: null });
    await service.db.query('ALTER TABLE outbox DROP CONSTRAINT closed');
    // Its maker gave up; the lease runs out, and another attempt begins.
    await service.db.query(`UPDATE report SET leased_until = service_now() - interval '1 second' WHERE campaign_id = $1 AND state = 'running'`, [campaignId]);
    expect(await reportIn(service, campaignId, 'closing', 'published', 'failed')).toMatchObject({ state: 'published', interruptions: 1 });
  });
});
