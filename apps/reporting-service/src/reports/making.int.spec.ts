import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { makeReport } from '../export/make-report.js';
import { type Outcome, outcomeOf, type ReportOrder } from '../export/report-order.js';
import { contribution, forkedFromSource, heardCampaign, InProcess, reportIn, startService, submit, told, until, type TestService } from '../harness.spec.js';
import { ReportMaker } from './report-maker.js';
import { ReportWorker } from './report-worker.js';

// Processes are started, on machines that do much else.
jest.setTimeout(60_000);

const scratch = mkdtempSync(join(tmpdir(), 'cahier-making-'));
const log = join(scratch, 'failpoints.log');

/** Hands each report to the maker of the moment. */
class Changing extends ReportMaker {
  current: ReportMaker = new InProcess();
  readonly outcomes: Outcome[] = [];
  readonly orders: ReportOrder[] = [];

  override async make(order: ReportOrder, signal: AbortSignal): Promise<Outcome> {
    this.orders.push(order);
    const outcome = await this.current.make(order, signal);
    this.outcomes.push(outcome);
    return outcome;
  }
}

let service: TestService;
const maker = new Changing();
beforeAll(async () => { service = await startService({ maker }); });
afterAll(async () => {
  await service.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const folderOf = (report: { report_id: string; attempt: number }) => join(service.config.REPORT_STORE_FOLDER, `${report.report_id}-${report.attempt}`);

async function ordered(campaignId: string, body: object = {}): Promise<string> {
  const reply = await service.post(`/staff/campaigns/${campaignId}/reports`, body, await service.as('analyst'));
  expect(reply.status).toBe(202);
  return reply.body.reportId;
}

describe('making a report', () => {
  it('happens in a process of its own, whose files are those of the manifest', async () => {
    maker.current = forkedFromSource();
    const { campaignId } = await heardCampaign(service);
    await submit(service, contribution(campaignId), contribution(campaignId));
    await ordered(campaignId);

    const report = await reportIn(service, campaignId, 'interim', 'published', 'failed');

    expect(report.cause).toBeNull();
    const folder = folderOf(report);
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    expect(readdirSync(folder).toSorted()).toEqual([...manifest.files.map(({ name }: { name: string }) => name), 'manifest.json'].toSorted());
    for (const { name, sha256: digest } of manifest.files) expect(sha256(join(folder, name))).toBe(digest);
  });

  it('gives the same bytes again from the same snapshot', async () => {
    maker.current = new InProcess();
    const { campaignId, first } = await heardCampaign(service);
    await submit(service, ...Array.from({ length: 30 }, (_, n) => contribution(campaignId, { receivedAt: `2026-03-03T10:00:0${n % 3}.000Z`, classification: { targets: n % 2 ? [{ type: 'section', id: first }] : [], stance: 'support' } })));
    await ordered(campaignId, { cutoff: '2026-03-04T00:00:00.000Z' });
    const report = await reportIn(service, campaignId, 'interim', 'published', 'failed');
    // What came after the cut-off is not in it, then or now.
    await submit(service, contribution(campaignId, { receivedAt: '2026-03-05T00:00:00.000Z' }));

    const again = { ...maker.orders.at(-1)!, folder: join(scratch, 'again') };
    expect(await makeReport(again)).toMatchObject({ outcome: 'made' });

    for (const name of readdirSync(folderOf(report))) expect([name, sha256(join(again.folder, name))]).toEqual([name, sha256(join(folderOf(report), name))]);
  });

  it('begins anew when its process is killed in the middle of a file, and leaves nothing of the first try', async () => {
    maker.current = forkedFromSource({ FAILPOINTS: 'report-mid-file=pause:60000', FAILPOINTS_LOG: log });
    const { campaignId } = await heardCampaign(service);
    await submit(service, contribution(campaignId), contribution(campaignId));
    await ordered(campaignId);
    const pid = await until(async () => existsSync(log) && Number(readFileSync(log, 'utf8').trim().split(' ').at(-1)));
    const unfinished = maker.orders.at(-1)!.folder;
    expect(readdirSync(unfinished)).toContain('contributions.csv');
    expect(existsSync(join(unfinished, 'manifest.json'))).toBe(false);

    maker.current = new InProcess();
    process.kill(pid, 'SIGKILL');

    const report = await reportIn(service, campaignId, 'interim', 'published', 'failed');
    expect(report).toMatchObject({ state: 'published', attempt: 2, interruptions: 1 });
    expect(maker.outcomes.at(-2)).toMatchObject({ outcome: 'interrupted', cause: expect.stringContaining('SIGKILL') });
    expect(existsSync(unfinished)).toBe(false);
    expect(readdirSync(service.config.REPORT_STORE_FOLDER).filter((name) => name.startsWith(report.report_id))).toEqual([`${report.report_id}-2`]);
  });

  it('fails in sight after the third crash, without files', async () => {
    maker.current = { make: async () => ({ outcome: 'interrupted', cause: 'crashed' }) };
    const { campaignId } = await heardCampaign(service);
    const reportId = await ordered(campaignId);

    const report = await reportIn(service, campaignId, 'interim', 'published', 'failed');

    expect(report).toMatchObject({ state: 'failed', cause: 'crashed', attempt: 3, files: null });
    expect((await told(service, reportId)).map(({ type, data }) => [type, data.cause])).toEqual([['report.failed.v1', 'crashed']]);
    expect((await service.get(`/staff/reports/${reportId}`, await service.as('analyst'))).body).toMatchObject({ state: 'failed', cause: 'crashed', files: [] });
    expect((await service.get(`/staff/reports/${reportId}/files/report.pdf`, await service.as('analyst'))).status).toBe(404);
  });

  it('waits while there is no place for its files, however often it looks, and is made once there is', async () => {
    let full = true;
    maker.current = new (class extends InProcess {
      override async make(order: ReportOrder): Promise<Outcome> {
        if (full) return outcomeOf(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }), () => false);
        return super.make(order);
      }
    })();
    const { campaignId } = await heardCampaign(service);
    await ordered(campaignId);
    const look = async (attempt: number): Promise<void> => {
      await until(async () => {
        const [row] = await service.db.query<{ state: string; attempt: number }[]>(`SELECT state, attempt FROM report WHERE campaign_id = $1`, [campaignId]);
        return row?.state === 'queued' && row.attempt === attempt ? row : undefined;
      });
      if (attempt === 5) full = false;
      await service.db.query(`UPDATE report SET look_at = NULL WHERE campaign_id = $1`, [campaignId]);
    };
    for (let attempt = 1; attempt <= 5; attempt++) await look(attempt);
    expect(await reportIn(service, campaignId, 'interim', 'published', 'failed')).toMatchObject({ state: 'published', attempt: 6, interruptions: 0 });
  });

  it('fails with its cause when a file cannot be written, and leaves none', async () => {
    maker.current = new (class extends InProcess {
      override async make(order: ReportOrder): Promise<Outcome> {
        writeFileSync(order.folder, 'in the way');
        return super.make({ ...order, folder: join(order.folder, 'below-a-file') });
      }
    })();
    const { campaignId } = await heardCampaign(service);
    await ordered(campaignId);
    const report = await reportIn(service, campaignId, 'interim', 'published', 'failed');
    expect(report).toMatchObject({ state: 'failed', cause: expect.stringMatching(/ENOTDIR/) });
    expect(readdirSync(service.config.REPORT_STORE_FOLDER).filter((name) => name.startsWith(report.report_id))).toEqual([]);
  });

  it('counts nothing for a maker that was given up: only the latest attempt publishes', async () => {
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => { finish = resolve; });
    maker.current = { make: async (order: ReportOrder) => { const outcome = await new InProcess().make(order); await slow; return outcome; } };
    const { campaignId } = await heardCampaign(service);
    const reportId = await ordered(campaignId);
    await until(async () => maker.orders.at(-1)!.reportId === reportId);

    // As if another replica had taken it over.
    await service.db.query(`UPDATE report SET attempt = attempt + 1 WHERE report_id = $1`, [reportId]);
    finish();
    await until(async () => maker.outcomes.length === maker.orders.length);
    await sleep(300);

    expect(await told(service, reportId)).toEqual([]);
    maker.current = new InProcess();
    await service.db.query(`UPDATE report SET leased_until = service_now() - interval '1 second' WHERE report_id = $1`, [reportId]);
    const report = await reportIn(service, campaignId, 'interim', 'published');
    expect(report).toMatchObject({ attempt: 3 });
    expect(existsSync(join(folderOf(report), 'manifest.json'))).toBe(true);
    // Nor does anything stay of what the other had moved into the store.
    expect(readdirSync(service.config.REPORT_STORE_FOLDER).filter((name) => name.startsWith(reportId))).toEqual([`${reportId}-3`]);
  });

  // Last: the worker does not start again.
  it('is given back at once when the service stops, and counts as no failure', async () => {
    maker.current = forkedFromSource({ FAILPOINTS: 'report-mid-file=pause:60000', FAILPOINTS_LOG: `${log}.stop` });
    const { campaignId } = await heardCampaign(service);
    await submit(service, contribution(campaignId));
    const reportId = await ordered(campaignId);
    const pid = await until(async () => existsSync(`${log}.stop`) && Number(readFileSync(`${log}.stop`, 'utf8').trim().split(' ').at(-1)));

    await service.app.get(ReportWorker).beforeApplicationShutdown();

    expect(await service.db.query('SELECT state, interruptions, leased_until FROM report WHERE report_id = $1', [reportId])).toEqual([{ state: 'queued', interruptions: 0, leased_until: null }]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(readdirSync(join(service.config.REPORT_STORE_FOLDER, 'unfinished'))).toEqual([]);
  });
});
