import { saidFact } from '@cahier/messaging';
import { shiftClock } from '@cahier/testing';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { act, draft, startService, type TestService } from '../harness.spec.js';
import { Scheduler } from '../schedule/scheduler.js';
import { adoptFact } from './adopt-campaign.js';

jest.setTimeout(60_000);

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

const TABLES = ['programme', 'edition', 'steering_body', 'member', 'campaign', 'campaign_steering_body', 'transition', 'document', 'document_node', 'schedule'];
const DATES = { opensAtLocal: '2030-03-01T09:00', closesAtLocal: '2030-04-15T18:00' };

/** What staff and the schedule go by, without what is lost: who of staff it was, and which entity tag. */
const everything = () => Promise.all([
  service.db.query(`SELECT to_jsonb(c) - 'version' AS campaign FROM campaign AS c`),
  service.db.query(`SELECT action, from_state, to_state, at, reason FROM transition ORDER BY position`),
  service.db.query(`SELECT action, due_at, hours_before_closing, state FROM schedule WHERE state <> 'cancelled' ORDER BY due_at`),
  service.db.query('SELECT * FROM document_node ORDER BY position'),
  service.db.query('SELECT * FROM campaign_steering_body'),
]);
const envelopes = async (): Promise<string[]> => (await service.db.query<{ envelope: string }[]>('SELECT envelope FROM outbox ORDER BY position')).map(({ envelope }) => envelope);
const adopt = async (some: readonly string[]): Promise<string[]> => {
  const notes: string[] = [];
  for (const envelope of some) notes.push(...((await service.db.transaction((tx) => adoptFact(tx, saidFact(envelope)))) ?? '').split('\n').filter(Boolean));
  return [...new Set(notes)];
};

it('a database restored to any moment of a campaign is what it was, and fires nothing twice', async () => {
  const backups: number[] = [];
  const backUp = async (): Promise<void> => {
    for (const table of TABLES) await service.db.query(`CREATE TABLE backup_${backups.length}_${table} AS TABLE ${table}`);
    backups.push((await envelopes()).length);
  };
  // As the public has heard of each change in time: the window notice asks for it.
  const published = () => service.db.query('UPDATE outbox SET published_at = now() WHERE published_at IS NULL');
  const at = async (instant: string): Promise<void> => {
    await shiftClock(service.db, { to: new Date(instant) });
    await service.app.get(Scheduler).fireAll();
    await published();
  };

  await backUp();
  const { campaignId, bodyId, memberId } = await draft(service, { ...DATES, reminderHoursBeforeClosing: [24, 72] });
  await backUp();
  const doing = async (action: string, body: unknown = {}): Promise<void> => {
    expect((await act(service, campaignId, action, body)).status).toBe(200);
    await published();
  };
  await doing('schedule');
  await backUp();
  await doing('reschedule', { ...DATES, opensAtLocal: '2030-03-02T09:00', zone: 'Europe/Paris' });
  await at('2030-03-02T08:00:01Z');
  await backUp();
  await doing('extend', { closesAtLocal: '2030-04-20T18:00', reason: 'Forte affluence' });
  await backUp();
  await at('2030-04-17T17:00:00Z');
  expect((await service.ask('DELETE', `/staff/steering-bodies/${bodyId}/members/${memberId}`)).status).toBe(204);
  await backUp();
  await at('2030-04-20T16:00:01Z');
  const [truth, said] = [await everything(), await envelopes()];
  expect(said.map((envelope) => (JSON.parse(envelope) as { type: string }).type.split('.')[1])).toEqual(
    ['scheduled', 'published', 'rescheduled', 'opened', 'deadline-extended', 'reminder-due', 'steering-changed', 'closed'],
  );

  const notes: string[][] = [];
  for (const [n, count] of backups.entries()) {
    await service.db.query(`TRUNCATE ${TABLES.join(', ')} CASCADE`);
    for (const table of TABLES) await service.db.query(`INSERT INTO ${table} OVERRIDING SYSTEM VALUE TABLE backup_${n}_${table}`);
    notes.push(await adopt(said.slice(count)));
    // Which reminders were planned is in no event, nor a text beyond its first words: the first backup had no draft yet.
    if (n > 0) expect(await everything()).toEqual(truth);
    expect(await service.app.get(Scheduler).fireAll()).toBe(0);
    expect(await envelopes()).toEqual(said);
  }
  expect(notes[0]).toEqual([expect.stringMatching(/1 members were added since/), expect.stringMatching(/which reminders were planned/)]);
  expect(notes[1]).toEqual([expect.stringMatching(new RegExp(`members ${memberId} were removed since`))]);
  expect(notes.at(-1)).toEqual([]);

  // What it says next is told under a version that nobody has heard.
  await service.db.query(`UPDATE campaign SET state = 'open' WHERE campaign_id = $1`, [campaignId]);
  expect((await service.ask('POST', `/staff/steering-bodies/${bodyId}/members`, { name: 'Autre membre', email: 'autre@example.org', language: 'fr' })).status).toBe(201);
  expect((await service.said(campaignId)).at(-1)).toMatchObject({ type: 'campaign.steering-changed.v1', aggregateversion: 9 });
});
