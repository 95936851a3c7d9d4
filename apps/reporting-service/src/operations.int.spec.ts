import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { staffWrites } from '@cahier/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { contribution, heardCampaign, InProcess, reportIn, startService, submit, type Reply, type TestService } from './harness.spec.js';
import type { Outcome, ReportOrder } from './export/report-order.js';
import { ReportMaker } from './reports/report-maker.js';

class Changing extends ReportMaker {
  current: ReportMaker = new InProcess();

  override make(order: ReportOrder, signal: AbortSignal): Promise<Outcome> {
    return this.current.make(order, signal);
  }
}

const maker = new Changing();
let service: TestService;
let admin: Record<string, string>;
beforeAll(async () => {
  service = await startService({ maker });
  admin = { authorization: `Bearer ${await service.issuer.token({ roles: ['admin'], sub: 'someone' })}` };
});
beforeEach(() => { maker.current = new InProcess(); });
afterAll(async () => { await service.stop(); });

const post = (path: string): Promise<Reply> => service.send('POST', path, admin);
const trail = () => service.db.query<{ subject: string; action: string; target_id: string | null; campaign_id: string | null }[]>('SELECT subject, action, target_id, campaign_id FROM staff_action ORDER BY position');

/** A published interim report of two contributions, and where its files are. */
async function published() {
  const { campaignId } = await heardCampaign(service);
  await submit(service, contribution(campaignId), contribution(campaignId));
  const { reportId } = (await service.post(`/staff/campaigns/${campaignId}/reports`, {}, admin)).body;
  const report = await reportIn(service, campaignId, 'interim', 'published', 'failed');
  const files = join(service.config.REPORT_STORE_FOLDER, `${reportId}-${report.attempt}`);
  return { reportId: reportId as string, campaignId, files };
}

/** As if somebody had looked differently at one of them in the meantime. */
const changeProjection = (campaignId: string) => service.db.query(`UPDATE contribution SET status = 'hidden', version = version + 1 WHERE contribution_id = (SELECT contribution_id FROM contribution WHERE campaign_id = $1 LIMIT 1)`, [campaignId]);
const asides = () => readdirSync(join(service.config.REPORT_STORE_FOLDER, 'unfinished')).filter((name) => name.startsWith('aside'));

describe('staff actions', () => {
  it('each name their actor in the audit trail, once; a refusal is none', async () => {
    const { reportId, campaignId } = await published();
    const acts: Record<string, [action: string, act: () => Promise<Reply>, target: unknown, campaign: string | null]> = {
      'POST /staff/campaigns/{campaignId}/reports': ['report.order', () => service.post(`/staff/campaigns/${campaignId}/reports`, {}, admin), expect.any(String), campaignId],
      'POST /staff/reports/{reportId}/compare': ['report.compare', () => post(`/staff/reports/${reportId}/compare`), reportId, campaignId],
      'POST /staff/reports/{reportId}/rebuild': ['report.rebuild', () => post(`/staff/reports/${reportId}/rebuild`), reportId, campaignId],
      'POST /staff/republish': ['facts.republish', () => post('/staff/republish'), null, null],
      'POST /staff/retention': ['retention.run', () => post('/staff/retention'), null, null],
      'POST /staff/projections/empty': ['projections.empty', async () => {
        await reportIn(service, campaignId, 'interim', 'published');
        for (;;) {
          const reply = await post('/staff/projections/empty');
          if (reply.status !== 409) return reply;
        }
      }, null, null],
    };
    // libs/messaging looks after these.
    const ofMessaging = ['POST /staff/dead-letters/{id}/discard', 'POST /staff/dead-letters/{id}/replay'];
    expect([...Object.keys(acts), ...ofMessaging].toSorted()).toEqual(staffWrites(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')));

    for (const [action, act, target_id, campaign_id] of Object.values(acts)) {
      const before = (await trail()).length;
      expect([action, Math.floor((await act()).status / 100)]).toEqual([action, 2]);
      expect((await trail()).slice(before)).toEqual([{ subject: 'someone', action, target_id, campaign_id }]);
    }
    const before = await trail();
    expect((await service.post(`/staff/campaigns/${campaignId}/reports`, {}, admin)).status).toBe(404);
    expect(await trail()).toEqual(before);
  });
});

describe('comparing a report', () => {
  it('finds the same bytes, in the record, in the store and made again', async () => {
    const { reportId, files } = await published();
    const { status, body } = await post(`/staff/reports/${reportId}/compare`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: 'identical', cause: null });
    expect(body.files.map(({ name }: { name: string }) => name).toSorted()).toEqual(readdirSync(files).toSorted());
    for (const file of body.files) expect([file.stored, file.madeAgain]).toEqual([file.recorded, file.recorded]);
    expect(asides()).toEqual([]);
  });

  it('names what was touched in the store, what is missing there, and what would come out otherwise now', async () => {
    const { reportId, campaignId, files } = await published();
    writeFileSync(join(files, 'figures.json'), '{}');
    rmSync(join(files, 'contributions.csv'));
    await changeProjection(campaignId);
    const { body } = await post(`/staff/reports/${reportId}/compare`);
    expect(body.outcome).toBe('different');
    const of = (name: string) => body.files.find((file: { name: string }) => file.name === name);
    expect(of('figures.json').stored).not.toBe(of('figures.json').recorded);
    expect(of('contributions.csv').stored).toBeNull();
    expect(of('contributions.jsonl')).toMatchObject({ stored: of('contributions.jsonl').recorded });
    expect(of('contributions.jsonl').madeAgain).not.toBe(of('contributions.jsonl').recorded);
    expect(of('contributions.schema.json').madeAgain).toBe(of('contributions.schema.json').recorded);
  });

  it('says why it could not be made again', async () => {
    const { reportId } = await published();
    maker.current = { make: async () => ({ outcome: 'failed', cause: 'no fonts' }) };
    expect((await post(`/staff/reports/${reportId}/compare`)).body).toMatchObject({ outcome: 'different', cause: 'no fonts', files: expect.arrayContaining([expect.objectContaining({ madeAgain: null })]) });
  });

  it('is for administrators, and for a report that there is', async () => {
    const { reportId, campaignId } = await published();
    expect((await service.send('POST', `/staff/reports/${reportId}/compare`, await service.as('analyst'))).status).toBe(403);
    expect((await post('/staff/reports/00000000-0000-4000-8000-000000000000/compare')).body).toMatchObject({ type: '/problems/report.unknown' });
    maker.current = { make: async () => ({ outcome: 'failed', cause: 'x' }) };
    const { reportId: failed } = (await service.post(`/staff/campaigns/${campaignId}/reports`, {}, admin)).body;
    await reportIn(service, campaignId, 'interim', 'failed');
    expect((await post(`/staff/reports/${failed}/compare`)).body).toMatchObject({ type: '/problems/report.not-made', state: 'failed' });
  });
});

describe('rebuilding a report', () => {
  it('puts the files of a published one back where they come out the same', async () => {
    const { reportId, files } = await published();
    const whole = readdirSync(files).toSorted();
    writeFileSync(join(files, 'figures.json'), '{}');
    rmSync(join(files, 'report.pdf'));
    expect((await post(`/staff/reports/${reportId}/rebuild`)).body).toMatchObject({ outcome: 'identical' });
    expect(readdirSync(files).toSorted()).toEqual(whole);
    expect((await post(`/staff/reports/${reportId}/compare`)).body).toMatchObject({ outcome: 'identical' });
  });

  it('changes nothing where they do not', async () => {
    const { reportId, campaignId, files } = await published();
    writeFileSync(join(files, 'figures.json'), '{}');
    await changeProjection(campaignId);
    expect((await post(`/staff/reports/${reportId}/rebuild`)).body).toMatchObject({ outcome: 'different' });
    expect(readFileSync(join(files, 'figures.json'), 'utf8')).toBe('{}');
    expect(asides()).toEqual([]);
  });

  it('makes a failed one once more', async () => {
    const { campaignId } = await heardCampaign(service);
    maker.current = { make: async () => ({ outcome: 'failed', cause: 'no fonts' }) };
    const { reportId } = (await service.post(`/staff/campaigns/${campaignId}/reports`, {}, admin)).body;
    await reportIn(service, campaignId, 'interim', 'failed');
    maker.current = new InProcess();
    expect((await post(`/staff/reports/${reportId}/rebuild`)).body).toEqual({ outcome: 'queued', cause: null, files: [] });
    expect(await reportIn(service, campaignId, 'interim', 'published')).toMatchObject({ cause: null, attempt: 2 });
  });
});

describe('emptying the projections', () => {
  const held = async () => (await service.db.query<{ n: number }[]>('SELECT (SELECT count(*) FROM contribution)::integer + (SELECT count(*) FROM campaign)::integer + (SELECT count(*) FROM inbox)::integer AS n'))[0]!.n;

  it('waits for no report that is being made: it is refused, and nothing goes', async () => {
    const { campaignId } = await heardCampaign(service);
    let finish: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => { finish = resolve; });
    maker.current = { make: async (order: ReportOrder) => { await slow; return new InProcess().make(order); } };
    await service.post(`/staff/campaigns/${campaignId}/reports`, {}, admin);
    const before = [await held(), (await trail()).length];
    expect(await post('/staff/projections/empty')).toMatchObject({ status: 409, body: { type: '/problems/projections.in-use' } });
    expect([await held(), (await trail()).length]).toEqual(before);
    finish();
    await reportIn(service, campaignId, 'interim', 'published');
  });

  it('is refused while somebody reads them for long, and nothing goes', async () => {
    await heardCampaign(service);
    const before = await held();
    const reader = service.db.createQueryRunner();
    await reader.startTransaction();
    await reader.query('SELECT count(*) FROM contribution');
    expect(await post('/staff/projections/empty')).toMatchObject({ status: 409 });
    await reader.rollbackTransaction();
    await reader.release();
    expect(await held()).toBe(before);
  });

  it('leaves the reports and forgets the rest', async () => {
    const { reportId } = await published();
    expect((await post('/staff/projections/empty')).status).toBe(204);
    expect(await held()).toBe(0);
    expect((await service.get(`/staff/reports/${reportId}`, admin)).body).toMatchObject({ state: 'published' });
  });
});

describe('the status', () => {
  it('tells of reports that need somebody', async () => {
    const { body } = await service.get('/staff/status', admin);
    expect(body.figures).toEqual({
      'outbox-age-seconds': expect.any(Number), 'dead-letters': 0, 'consumer-lag-messages': null,
      'reports-awaiting': 0, 'reports-queued': 0, 'reports-running': 0, 'reports-mismatch': 0, 'reports-failed': expect.any(Number),
    });
  });
});
