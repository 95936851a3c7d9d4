import { shiftClock } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { act, scheduled, startService, type TestService } from '../harness.spec.js';
import { Scheduler } from './scheduler.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

const at = (instant: string) => shiftClock(service.db, { to: new Date(instant) });
const fireAll = (): Promise<number> => service.app.get(Scheduler).fireAll();
const types = async (key: string): Promise<string[]> => (await service.said(key)).map(({ type }) => type).slice(2);
const OPENING = { opensAtLocal: '2030-03-01T09:00', closesAtLocal: '2030-04-15T18:00', reminderHoursBeforeClosing: [24, 72] };

describe('the schedule', () => {
  it('fires nothing early, by the clock of the database', async () => {
    await shiftClock(service.db, { by: 0 });
    const { campaignId } = await scheduled(service, OPENING);
    await at('2030-03-01T07:59:50Z');
    expect(await fireAll()).toBe(0);
    await at('2030-03-01T08:00:00Z');
    expect(await fireAll()).toBe(1);
    expect(await types(campaignId)).toEqual(['campaign.opened.v1']);
    await at('2030-04-12T16:00:01Z');
    expect(await fireAll()).toBe(1);
    await at('2030-04-15T16:00:01Z');
    await fireAll();
    expect(await types(campaignId)).toEqual(['campaign.opened.v1', 'campaign.reminder-due.v1', 'campaign.closed.v1']);
    const rows = await service.db.query<{ action: string; state: string }[]>('SELECT action, state FROM schedule WHERE campaign_id = $1 ORDER BY due_at', [campaignId]);
    // The reminder of the day before was looked at after the closing: it had lost its sense.
    expect(rows.map(({ action, state }) => `${action} ${state}`)).toEqual(['open fired', 'remind fired', 'remind missed', 'close fired']);
    expect((await service.ask('GET', `/staff/campaigns/${campaignId}`)).body.state).toBe('closed');
  });

  it('fires late rather than never, in order, after an outage across opening and closing', async () => {
    await shiftClock(service.db, { by: 0 });
    const { campaignId } = await scheduled(service, OPENING);
    await at('2030-05-01T00:00:00Z');
    expect(await fireAll()).toBe(4);
    expect(await types(campaignId)).toEqual(['campaign.opened.v1', 'campaign.closed.v1']);
    expect((await service.said(campaignId)).map(({ aggregateversion }) => aggregateversion)).toEqual([1, 2, 3, 4]);
  });

  it('fires once, however many replicas look', async () => {
    await shiftClock(service.db, { by: 0 });
    const ids = [];
    for (let i = 0; i < 4; i++) ids.push((await scheduled(service, OPENING)).campaignId);
    await at('2030-03-02T00:00:00Z');
    const fired = await Promise.all([fireAll(), fireAll(), fireAll()]);
    expect(fired.reduce((sum, n) => sum + n)).toBe(4);
    for (const id of ids) expect(await types(id)).toEqual(['campaign.opened.v1']);
    // A reminder changes no state: nothing but the claim keeps it from being said twice.
    await at('2030-04-12T17:00:00Z');
    await Promise.all([fireAll(), fireAll(), fireAll()]);
    for (const id of ids) expect(await types(id)).toEqual(['campaign.opened.v1', 'campaign.reminder-due.v1']);
  });

  it('follows an extension: the old closing does not fire', async () => {
    await shiftClock(service.db, { by: 0 });
    const { campaignId } = await scheduled(service, OPENING);
    await at('2030-03-01T08:00:00Z');
    await fireAll();
    await service.db.query('UPDATE outbox SET published_at = now()');
    const { status, body } = await act(service, campaignId, 'extend', { closesAtLocal: '2030-04-20T18:00', reason: 'Forte affluence' });
    expect([status, body.closesAt]).toEqual([200, '2030-04-20T16:00:00.000Z']);
    await at('2030-04-15T16:00:01Z');
    await fireAll();
    expect((await service.ask('GET', `/staff/campaigns/${campaignId}`)).body.state).toBe('open');
    await at('2030-04-20T16:00:01Z');
    await fireAll();
    expect((await types(campaignId)).filter((type) => type !== 'campaign.reminder-due.v1')).toEqual(['campaign.opened.v1', 'campaign.deadline-extended.v1', 'campaign.closed.v1']);
  });

  it('leaves what it could not say to the next look', async () => {
    await shiftClock(service.db, { by: 0 });
    const { campaignId } = await scheduled(service, OPENING);
    await at('2030-03-02T00:00:00Z');
    await service.db.query('ALTER TABLE outbox RENAME TO outbox_away');
    expect(await fireAll()).toBe(0);
    await service.db.query('ALTER TABLE outbox_away RENAME TO outbox');
    expect((await service.ask('GET', `/staff/campaigns/${campaignId}`)).body.state).toBe('scheduled');
    expect(await fireAll()).toBe(1);
    expect(await types(campaignId)).toEqual(['campaign.opened.v1']);
  });

  it('sends the last of the reminders that an outage held back, and records the others as missed', async () => {
    await shiftClock(service.db, { by: 0 });
    const { campaignId } = await scheduled(service, OPENING);
    await at('2030-04-14T20:00:00Z');
    await fireAll();
    expect(await types(campaignId)).toEqual(['campaign.opened.v1', 'campaign.reminder-due.v1']);
    expect((await service.said(campaignId)).at(-1)!.data).toMatchObject({ hoursBeforeClosing: 24 });
  });

  it('closes also from suspended, and reminds nobody of what they cannot do', async () => {
    await shiftClock(service.db, { by: 0 });
    const { campaignId } = await scheduled(service, OPENING);
    await at('2030-03-02T00:00:00Z');
    await fireAll();
    await service.db.query(`UPDATE campaign SET state = 'suspended' WHERE campaign_id = $1`, [campaignId]);
    await at('2030-04-16T00:00:00Z');
    await fireAll();
    expect(await types(campaignId)).toEqual(['campaign.opened.v1', 'campaign.closed.v1']);
    const { items } = (await service.ask('GET', `/staff/campaigns/${campaignId}/transitions`)).body;
    expect(items.at(-1)).toMatchObject({ action: 'close', fromState: 'suspended', toState: 'closed', by: 'Calendrier' });
  });

  it('lets no campaign wait for another that cannot be fired', async () => {
    await shiftClock(service.db, { by: 0 });
    const broken = await scheduled(service, OPENING);
    const sound = await scheduled(service, { ...OPENING, opensAtLocal: '2030-03-01T10:00' });
    await at('2030-03-02T00:00:00Z');
    // As a restored backup may have it: what is due does not fit the state.
    await service.db.query(`UPDATE campaign SET state = 'published' WHERE campaign_id = $1`, [broken.campaignId]);
    expect(await fireAll()).toBe(1);
    expect(await types(sound.campaignId)).toEqual(['campaign.opened.v1']);
    // Whoever operates it sees it: sixteen hours late.
    const [, overdue] = /^cahier_schedule_overdue_seconds (\d+)/m.exec((await service.ask('GET', '/metrics', undefined, { token: null })).text) ?? [];
    expect(Math.floor(Number(overdue) / 3_600)).toBe(16);
    await service.db.query(`UPDATE schedule SET state = 'cancelled' WHERE campaign_id = $1`, [broken.campaignId]);
  });

  it('and staff never wait crosswise: of cancelling and firing at once both end, in one order', async () => {
    await shiftClock(service.db, { by: 0 });
    const prepared = [];
    for (let i = 0; i < 5; i++) prepared.push(await scheduled(service, OPENING));
    await at('2030-03-02T00:00:00Z');
    const [, ...replies] = await Promise.all([fireAll(), ...prepared.map(({ campaignId, tag }) => service.ask('POST', `/staff/campaigns/${campaignId}/cancel`, { reason: 'Abandon' }, { tag }))]);
    await fireAll();
    for (const [i, { campaignId }] of prepared.entries()) {
      // Cancelled before the opening fired, or refused because it had: the tag was of the scheduled campaign.
      expect([[200, ['campaign.cancelled.v1']], [412, ['campaign.opened.v1']]]).toContainEqual([replies[i]!.status, await types(campaignId)]);
    }
  });
});
