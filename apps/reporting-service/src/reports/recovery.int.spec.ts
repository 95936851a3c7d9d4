import { campaignClosed, intakeSealed, type EventContract } from '@cahier/contracts';
import { deliver, saidFact, type SaidFact } from '@cahier/messaging';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { contribution, heardCampaign, reportIn, sealOf, startService, submit, told, type TestService } from '../harness.spec.js';
import { ReportStore } from './report-store.js';
import { Report } from './report.entity.js';
import { adoptFactWith } from './adopt-report.js';

// Reports are made, on machines that do much else.
jest.setTimeout(60_000);

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

it('a database restored to an earlier time has its published reports, their numbers, and makes anew what the store has lost', async () => {
  const { campaignId, facts } = await heardCampaign(service);
  const all = [contribution(campaignId), contribution(campaignId)];
  const seal = sealOf(campaignId, facts.window!.closesAt, all);
  await submit(service, ...all);
  await deliver(service.app, campaignClosed, { ...facts, state: 'closed' }, 3);
  await deliver(service.app, intakeSealed, seal, 1);
  const made = await reportIn(service, campaignId, 'closing', 'published');
  const said = (await told(service, made.report_id)).map((envelope) => saidFact(JSON.stringify(envelope)));
  const adopt = async (facts: readonly SaidFact<EventContract>[]): Promise<(string | undefined)[]> => {
    const notes = [];
    for (const fact of facts) notes.push(await service.db.transaction((tx) => adoptFactWith(service.app.get(ReportStore))(tx, fact)));
    return notes;
  };
  const lose = () => service.db.query('TRUNCATE report, report_number, inbox');

  await lose();
  expect(await adopt(said)).toEqual([undefined]);
  await deliver(service.app, intakeSealed, seal, 1);
  const [adopted, ...others] = await service.db.manager.findBy(Report, { campaignId });
  expect(others).toEqual([]);
  expect(adopted).toMatchObject({ id: made.report_id, state: 'published', number: made.number, version: 1, eventVersion: 1, attempt: made.attempt });
  expect(adopted!.publication()).toEqual(said[0]!.data);
  const files = await service.get(`/staff/reports/${made.report_id}/files/report.pdf`, await service.as('analyst'));
  expect([files.status, files.bytes.length > 1_000]).toEqual([200, true]);

  // A report of another campaign gets another number.
  const other = await heardCampaign(service);
  await deliver(service.app, campaignClosed, { ...other.facts, state: 'closed' }, 3);
  await deliver(service.app, intakeSealed, sealOf(other.campaignId, other.facts.window!.closesAt, []), 1);
  expect((await reportIn(service, other.campaignId, 'closing', 'published')).number).not.toBe(made.number);

  await lose();
  await rm(join(service.config.REPORT_STORE_FOLDER, `${made.report_id}-${made.attempt}`), { recursive: true });
  expect(await adopt(said)).toEqual([expect.stringMatching(/made again/)]);
  const again = await reportIn(service, campaignId, 'closing', 'published');
  expect([again.report_id, again.number, again.files]).toEqual([made.report_id, made.number, made.files]);
  expect((await told(service, made.report_id)).map(({ aggregateversion }: { aggregateversion: number }) => aggregateversion)).toEqual([1, 2]);
});
