import { stopClock } from '@cahier/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { content, draft, MARKDOWN, type Prepared, startService, type TestService } from '../harness.spec.js';
import { FireDue } from '../schedule/fire-due.use-case.js';

/**
 * The real use cases on a real database against a model of what they promise: whatever staff, the schedule and the clock do, one
 * after the other or two at a time, with the database failing at the commit, what is stored and said is what some order of them gives.
 */

const HOUR = 3_600_000;
const START = Date.parse('2030-01-01T00:00:00Z');
const NOTICE = 30_000;

/** Instants are milliseconds after `START`; all local times are UTC. */
type Command =
  | { do: 'schedule' | 'reschedule'; opens: number; closes: number }
  | { do: 'extend'; closes: number }
  | { do: 'edit'; reminders: number[] }
  | { do: 'unschedule' | 'cancel' | 'publish' | 'fire' };
type Step =
  | { do: 'go'; command: Command; stale?: boolean }
  | { do: 'at-once'; commands: readonly [Command, Command] }
  | { do: 'crash'; command: Command }
  | { do: 'clock'; by: number }
  /** To the next thing that is due, or to the notice before it; give or take a millisecond. */
  | { do: 'clock-to-due'; notice: boolean; off: number };

interface Entry {
  readonly action: 'open' | 'remind' | 'close';
  readonly due: number;
  state: 'pending' | 'fired' | 'missed';
}

class Model {
  state = 'draft';
  version = 1;
  opens: number | null = null;
  closes: number | null = null;
  reminders: number[] = [];
  schedule: Entry[] = [];
  transitions: string[] = [];
  events: string[] = [];

  /** @returns the status that the caller gets; of `fire`, whether something was settled. */
  apply(command: Command, now: number, version = this.version): number | boolean {
    if (command.do === 'fire') return this.fire(now);
    if (version !== this.version) return 412;
    const far = (instant: number): boolean => instant - now >= NOTICE;
    switch (command.do) {
      case 'edit':
        if (this.state !== 'draft') return 409;
        this.reminders = command.reminders;
        this.version++;
        return 200;
      case 'schedule':
      case 'reschedule': {
        if (this.state !== (command.do === 'schedule' ? 'draft' : 'scheduled')) return 409;
        const { opens, closes } = command;
        if (this.opens !== null && !far(this.opens)) return 422;
        if (!far(opens) || closes <= opens || this.reminders.some((hours) => closes - hours * HOUR <= opens)) return 422;
        Object.assign(this, { opens, closes });
        this.move(command.do, 'scheduled', `${command.do}d`);
        if (command.do === 'schedule') this.events.push('document.published.v1');
        return this.plan(now);
      }
      case 'unschedule':
        if (this.state !== 'scheduled') return 409;
        if (!far(this.opens!)) return 422;
        this.opens = this.closes = null;
        this.move('unschedule', 'draft', 'unscheduled');
        return this.plan(now);
      case 'extend':
        if (this.state !== 'open') return 409;
        if (!far(this.closes!) || command.closes <= this.closes!) return 422;
        this.closes = command.closes;
        this.move('extend', 'open', 'deadline-extended');
        return this.plan(now);
      case 'cancel':
        if (!['draft', 'scheduled', 'open'].includes(this.state)) return 409;
        if (this.closes !== null && this.closes <= now) return 422;
        this.schedule = this.schedule.filter(({ state }) => state !== 'pending');
        this.move('cancel', 'cancelled', this.state === 'draft' ? undefined : 'cancelled');
        return 200;
      case 'publish':
        if (this.state !== 'closed') return 409;
        this.move('publish', 'published', 'published');
        return 200;
    }
  }

  private move(action: string, to: string, event: string | undefined): void {
    this.transitions.push(`${action} ${this.state}→${to}`);
    this.state = to;
    this.version++;
    if (event !== undefined) this.events.push(`campaign.${event}.v1`);
  }

  private plan(now: number): 200 {
    this.schedule = this.schedule.filter(({ state }) => state !== 'pending');
    const { opens, closes } = this;
    if (opens === null || closes === null) return 200;
    const planned: Omit<Entry, 'state'>[] = this.reminders.map((hours) => ({ action: 'remind' as const, due: closes - hours * HOUR })).filter(({ due }) => due > opens && due > now);
    if (this.state === 'scheduled') planned.push({ action: 'open', due: opens });
    planned.push({ action: 'close', due: closes });
    for (const entry of planned) {
      // What has happened does not happen again, also when the clock went back.
      if (!this.schedule.some(({ action, due }) => action === entry.action && due === entry.due)) this.schedule.push({ ...entry, state: 'pending' });
    }
    return 200;
  }

  private fire(now: number): boolean {
    const due = this.schedule.filter((entry) => entry.state === 'pending' && entry.due <= now).sort((a, b) => a.due - b.due);
    const [entry] = due;
    if (!entry) return false;
    entry.state = 'fired';
    if (entry.action === 'open') this.move('open', 'open', 'opened');
    else if (entry.action === 'close') this.move('close', 'closed', 'closed');
    else if (this.state === 'open' && now < this.closes! && !due.some((other) => other !== entry && other.action === 'remind')) this.events.push('campaign.reminder-due.v1');
    else entry.state = 'missed';
    return true;
  }

  /** What there is to see: in the form that `seen` reads from the database. */
  get sight() {
    return {
      state: this.state, version: this.version, opens: this.opens, closes: this.closes,
      schedule: this.schedule.map(({ action, due, state }) => `${due} ${action} ${state}`).sort(),
      transitions: [...this.transitions].sort(),
      events: this.events.map((type, i) => `${i + 1} ${type}`),
      eventVersion: this.events.length,
    };
  }
}

let service: TestService;
let prepared: Prepared;
beforeAll(async () => {
  service = await startService();
  prepared = await draft(service);
  // A commit that fails, as the last thing that can.
  await service.db.query(`CREATE TABLE crash (n integer); CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT FROM crash) THEN RAISE EXCEPTION 'crash'; END IF; RETURN NULL; END $$`);
  for (const table of ['campaign', 'schedule']) {
    await service.db.query(`CREATE CONSTRAINT TRIGGER crash AFTER INSERT OR UPDATE ON ${table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crash()`);
  }
});
afterAll(async () => { await service.stop(); });

const local = (instant: number): string => new Date(START + instant).toISOString().slice(0, 23);
const setClock = (instant: number) => stopClock(service.db, new Date(START + instant));

/** @returns the status, or whether the schedule settled something. */
async function perform(campaignId: string, command: Command, version: number): Promise<number | boolean> {
  if (command.do === 'fire') return service.app.get(FireDue).execute(campaignId);
  const path = `/staff/campaigns/${campaignId}`;
  const tag = `"${version}"`;
  if (command.do === 'edit') {
    return (await service.ask('PUT', path, content(prepared.editionId, [prepared.bodyId], { zone: 'UTC', reminderHoursBeforeClosing: command.reminders }), { tag })).status;
  }
  const bodies = {
    schedule: () => ({ zone: 'UTC', opensAtLocal: local((command as { opens: number }).opens), closesAtLocal: local((command as { closes: number }).closes) }),
    reschedule: () => bodies.schedule(),
    extend: () => ({ closesAtLocal: local((command as { closes: number }).closes), reason: 'Affluence' }),
    cancel: () => ({ reason: 'Abandon' }), unschedule: () => ({}), publish: () => ({}),
  };
  return (await service.ask('POST', `${path}/${command.do}`, bodies[command.do](), { tag })).status;
}

async function seen(campaignId: string): Promise<Model['sight']> {
  const [[campaign], schedule, transitions, said] = await Promise.all([
    service.db.query<{ state: string; version: number; event_version: number; opens_at: Date | null; closes_at: Date | null }[]>('SELECT * FROM campaign WHERE campaign_id = $1', [campaignId]),
    service.db.query<{ due_at: Date; action: string; state: string }[]>(`SELECT due_at, action, state FROM schedule WHERE campaign_id = $1 AND state <> 'cancelled'`, [campaignId]),
    service.db.query<{ line: string }[]>(`SELECT action || ' ' || from_state || '→' || to_state AS line FROM transition WHERE campaign_id = $1`, [campaignId]),
    service.said(campaignId),
  ]);
  const since = (instant: Date | null): number | null => (instant ? instant.getTime() - START : null);
  return {
    state: campaign!.state, version: campaign!.version, opens: since(campaign!.opens_at), closes: since(campaign!.closes_at),
    schedule: schedule.map(({ due_at: due, action, state }) => `${since(due)} ${action} ${state}`).sort(),
    transitions: transitions.map(({ line }) => line).sort(),
    events: said.map(({ aggregateversion, type }) => `${aggregateversion} ${type}`),
    eventVersion: campaign!.event_version,
  };
}

class Run {
  model = new Model();
  now = 0;

  constructor(private readonly campaignId: string) {}

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'clock':
        this.now = Math.max(0, this.now + step.by);
        return setClock(this.now);
      case 'clock-to-due': {
        const next = Math.min(...this.model.schedule.filter(({ state }) => state === 'pending').map(({ due }) => due));
        if (next !== Infinity) this.now = Math.max(0, next - (step.notice ? NOTICE : 0) + step.off);
        return setClock(this.now);
      }
      case 'go': {
        const version = this.model.version - (step.stale ? 1 : 0);
        const expected = this.model.apply(step.command, this.now, version);
        expect(await perform(this.campaignId, step.command, version)).toBe(expected);
        break;
      }
      case 'crash': {
        const wouldBe = this.copy();
        const expected = wouldBe.apply(step.command, this.now);
        await service.db.query('INSERT INTO crash VALUES (1)');
        const outcome = await perform(this.campaignId, step.command, this.model.version).catch(() => 500).finally(() => service.db.query('DELETE FROM crash'));
        expect(outcome).toBe(expected === 200 || expected === true ? 500 : expected);
        break;
      }
      case 'at-once':
        await this.atOnce(step.commands);
    }
    expect(await seen(this.campaignId)).toEqual(this.model.sight);
  }

  /** What both got and what stands afterwards must be what one of the two orders gives. */
  private async atOnce(commands: readonly [Command, Command]): Promise<void> {
    const { version } = this.model;
    const outcomes = await Promise.all(commands.map((command) => perform(this.campaignId, command, version)));
    const sight = await seen(this.campaignId);
    const possible = [[0, 1], [1, 0], [0], [1]].map((order) => {
      const model = this.copy();
      const expected: (number | boolean)[] = [false, false];
      for (const i of order) expected[i] = model.apply(commands[i]!, this.now, version);
      // The schedule leaves a campaign alone that somebody holds; staff wait for it.
      const allowed = order.length === 2 || commands.every(({ do: what }, i) => order.includes(i) || what === 'fire');
      return { model, matches: allowed && JSON.stringify([expected, model.sight]) === JSON.stringify([outcomes, sight]) };
    });
    const order = possible.find(({ matches }) => matches);
    if (!order) throw new Error(`No order of ${JSON.stringify(commands)} gives ${JSON.stringify({ outcomes, sight, orders: possible.map(({ model }) => model.sight) })}`);
    this.model = order.model;
  }

  private copy(): Model {
    return Object.assign(new Model(), structuredClone({ ...this.model }));
  }
}

const hours = (min: number, max: number) => fc.integer({ min: 2 * min, max: 2 * max }).map((half) => (half * HOUR) / 2);
const dated = (what: 'schedule' | 'reschedule') => fc.record({ do: fc.constant(what), opens: hours(1, 8), closes: hours(4, 20) });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: dated('schedule') },
  { weight: 2, arbitrary: dated('reschedule') },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('extend' as const), closes: hours(4, 40) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), reminders: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.constantFrom({ do: 'unschedule' as const }, { do: 'cancel' as const }, { do: 'publish' as const }) },
  { weight: 6, arbitrary: fc.constant({ do: 'fire' as const }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('go' as const), command, stale: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('at-once' as const), commands: fc.tuple(command, command) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), command }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clock' as const), by: fc.constantFrom(-HOUR, -1, HOUR / 2, HOUR, 5 * HOUR) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('clock-to-due' as const), notice: fc.boolean(), off: fc.constantFrom(-1, 0, 1) }) },
);

/** A whole life, so that no run of luck leaves the far states out: with its crashes, its races and the clock going back. */
const wholeLife: Step[] = [
  { do: 'go', command: { do: 'edit', reminders: [1, 2] } },
  { do: 'crash', command: { do: 'schedule', opens: 2 * HOUR, closes: 8 * HOUR } },
  { do: 'at-once', commands: [{ do: 'schedule', opens: 2 * HOUR, closes: 8 * HOUR }, { do: 'edit', reminders: [1, 2] }] },
  { do: 'go', command: { do: 'schedule', opens: 2 * HOUR, closes: 8 * HOUR } },
  { do: 'clock-to-due', notice: false, off: 0 },
  { do: 'crash', command: { do: 'fire' } },
  { do: 'at-once', commands: [{ do: 'fire' }, { do: 'fire' }] },
  { do: 'go', command: { do: 'fire' } },
  { do: 'clock', by: 4 * HOUR },
  { do: 'at-once', commands: [{ do: 'fire' }, { do: 'extend', closes: 10 * HOUR }] },
  { do: 'clock', by: -HOUR },
  { do: 'go', command: { do: 'extend', closes: 11 * HOUR } },
  // One of the reminders of the new closing has passed already: it comes no more.
  { do: 'clock', by: 5 * HOUR },
  { do: 'go', command: { do: 'extend', closes: 11.5 * HOUR } },
  { do: 'clock', by: 20 * HOUR },
  { do: 'at-once', commands: [{ do: 'fire' }, { do: 'cancel' }] },
  { do: 'go', command: { do: 'fire' } }, { do: 'go', command: { do: 'fire' } }, { do: 'go', command: { do: 'fire' } },
  { do: 'at-once', commands: [{ do: 'publish' }, { do: 'publish' }] },
];

it('a campaign is what some order of everything that was done to it gives, with one event for each change and none besides', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }), async (steps) => {
    await setClock(0);
    const created = await service.ask('POST', '/staff/campaigns', content(prepared.editionId, [prepared.bodyId], { zone: 'UTC', reminderHoursBeforeClosing: [] }));
    const { campaignId } = created.body as { campaignId: string };
    await service.ask('PUT', `/staff/campaigns/${campaignId}/document`, MARKDOWN, { type: 'text/markdown' });
    const run = new Run(campaignId);
    run.model.version = Number(/\d+/.exec(String((await service.ask('GET', `/staff/campaigns/${campaignId}`)).headers['etag']))![0]);
    for (const one of steps) await run.step(one);
  }), { numRuns: 25, examples: [[wholeLife]], endOnFailure: true });
});
