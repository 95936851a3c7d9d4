import type { CampaignState } from '@cahier/contracts';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Action, Campaign, type CampaignContent, TRANSITIONS } from './campaign.entity.js';
import { ActionNotPossible, DatesRefused, LocalTimeAmbiguous, LocalTimeInvalid } from './campaign.errors.js';
import { resolveLocalTime } from './local-time.js';

const content: CampaignContent = {
  editionId: '00000000-0000-4000-8000-000000000001', kind: 'consultation', title: { fr: 'T', en: 'T' }, presentation: null, rules: null, audiences: [], reminderHours: [], zone: null, opensAtLocal: null, closesAtLocal: null,
};
const NOW = new Date('2030-01-01T00:00:00Z');
const NOTICE = 30_000;
const after = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);
const dates = (opens: number, closes: number) => ({ zone: 'UTC', opensAtLocal: 'x', closesAtLocal: 'y', opensAt: after(opens), closesAt: after(closes) });
const scheduled = (opens = 60, closes = 120): Campaign => {
  const campaign = Campaign.draft('00000000-0000-4000-8000-000000000002', content);
  campaign.schedule('schedule', dates(opens, closes), NOW, NOTICE);
  return campaign;
};

describe('a campaign', () => {
  it('is scheduled with notice, opened, extended, closed and published', () => {
    const campaign = scheduled();
    campaign.act('open');
    campaign.extend('z', after(300), after(70), NOTICE);
    campaign.act('close');
    campaign.act('publish');
    expect([campaign.state, campaign.closesAt, campaign.version]).toEqual(['published', after(300), 6]);
  });

  it.each([
    ['an opening without notice', () => scheduled(29, 120)],
    ['a closing before the opening', () => scheduled(60, 60)],
    ['a new date when the opening is near', () => { scheduled().schedule('reschedule', dates(300, 400), after(40), NOTICE); }],
    ['a return to draft when the opening is near', () => { scheduled().unschedule(after(40), NOTICE); }],
    ['an extension to an earlier closing', () => { const c = scheduled(); c.act('open'); c.extend('z', after(110), after(61), NOTICE); }],
    ['a reminder before the opening', () => { Campaign.draft('00000000-0000-4000-8000-000000000002', { ...content, reminderHours: [1] }).schedule('schedule', dates(60, 3_660), NOW, NOTICE); }],
    ['being cancelled at its closing', () => { const c = scheduled(); c.act('open'); c.cancel(after(120)); }],
    ['an extension when the closing is near', () => { const c = scheduled(); c.act('open'); c.extend('z', after(300), after(100), NOTICE); }],
  ])('refuses %s', (_name, attempt) => {
    expect(attempt).toThrow(DatesRefused);
  });

  it('closes also from suspended, and suspension does not move the closing', () => {
    const campaign = scheduled();
    for (const action of ['open', 'suspend', 'close'] as const) campaign.act(action);
    expect([campaign.state, campaign.closesAt]).toEqual(['closed', after(120)]);
  });

  it('is edited as a draft only', () => {
    expect(() => { scheduled().edit(content); }).toThrow(ActionNotPossible);
  });

  it('goes only where the table of transitions leads, whatever is tried, and refused actions change nothing', () => {
    const actions = [...new Set(Object.values(TRANSITIONS).flatMap((moves) => Object.keys(moves)))] as Action[];
    fc.assert(fc.property(fc.array(fc.constantFrom(...actions), { maxLength: 30 }), (tried) => {
      const campaign = Campaign.draft('00000000-0000-4000-8000-000000000002', content);
      let state: CampaignState = 'draft';
      for (const action of tried) {
        const next: CampaignState | undefined = (TRANSITIONS[state] as Partial<Record<Action, CampaignState>>)[action];
        const version = campaign.version;
        if (next) campaign.act(action);
        else expect(() => { campaign.act(action); }).toThrow(ActionNotPossible);
        state = next ?? state;
        expect([campaign.state, campaign.version]).toEqual([state, next ? version + 1 : version]);
      }
    }), { numRuns: 300 });
  });
});

describe('local time', () => {
  const utc = (local: string, zone: string, which?: 'earlier' | 'later'): string => resolveLocalTime(local, zone, which).toISOString();

  it.each([
    ['2030-03-01T09:00', 'Europe/Paris', '2030-03-01T08:00:00.000Z'],
    ['2030-07-01T09:00:30.250', 'Europe/Paris', '2030-07-01T07:00:30.250Z'],
    ['2028-02-29T23:59:59', 'Indian/Reunion', '2028-02-29T19:59:59.000Z'],
  ])('%s in %s is %s', (local, zone, instant) => {
    expect(utc(local, zone)).toBe(instant);
  });

  it('that exists twice asks which, and names both', () => {
    expect(() => utc('2026-10-25T02:30', 'Europe/Paris')).toThrow(LocalTimeAmbiguous);
    try { utc('2026-10-25T02:30', 'Europe/Paris'); } catch (error) {
      expect((error as LocalTimeAmbiguous).members).toEqual({ earlier: '2026-10-25T00:30:00.000Z', later: '2026-10-25T01:30:00.000Z' });
    }
    expect([utc('2026-10-25T02:30', 'Europe/Paris', 'earlier'), utc('2026-10-25T02:30', 'Europe/Paris', 'later')]).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']);
  });

  it('that never exists asks too', () => {
    expect(() => utc('2027-03-28T02:30', 'Europe/Paris')).toThrow(LocalTimeAmbiguous);
    expect([utc('2027-03-28T02:30', 'Europe/Paris', 'earlier'), utc('2027-03-28T02:30', 'Europe/Paris', 'later')]).toEqual(['2027-03-28T00:30:00.000Z', '2027-03-28T01:30:00.000Z']);
  });

  it.each([['2030-02-30T09:00', 'Europe/Paris'], ['2030-01-01T09:00', 'Europe/Atlantis'], ['2030-01-01T25:00', 'Europe/Paris']])('refuses %s in %s', (local, zone) => {
    expect(() => utc(local, zone)).toThrow(LocalTimeInvalid);
  });
});
