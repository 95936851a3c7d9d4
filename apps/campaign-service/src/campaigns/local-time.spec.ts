import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LocalTimeAmbiguous } from './campaign.errors.js';
import { resolveLocalTime } from './local-time.js';
import { reminderInstants } from './reminders.js';

const QUARTER = 900_000;
const HOUR = 4 * QUARTER;
/** At different local times of the same nights; and one that never changes its clocks. */
const ZONES = ['Europe/Paris', 'Europe/London', 'Europe/Bucharest', 'Atlantic/Azores', 'Indian/Reunion'];
const NIGHTS = { 'the end of summer time': Date.parse('2026-10-25T00:00Z'), 'the start of summer time': Date.parse('2027-03-28T00:00Z') };

/** What a clock on the wall shows, by the platform's own tables and no arithmetic of ours. */
const walls = new Map(ZONES.map((zone) => [zone, new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })]));
const shown = (instant: number, zone: string): string => walls.get(zone)!.format(instant).replace(' ', 'T');

describe.each(Object.entries(NIGHTS))('in the night of %s', (_name, night) => {
  const times = fc.record({ zone: fc.constantFrom(...ZONES), quarter: fc.integer({ min: -16, max: 32 }) });
  const text = (quarter: number): string => new Date(night + quarter * QUARTER).toISOString().slice(0, 16);

  it('a local time is the instant at which the wall shows it; of two, the one that is asked for; of none, one on each side', () => {
    fc.assert(fc.property(times, ({ zone, quarter }) => {
      const local = text(quarter);
      const instants = Array.from({ length: 4 * 40 }, (_, i) => night + (quarter - 80 + i) * QUARTER).filter((instant) => shown(instant, zone) === local);
      const [earlier, later] = [resolveLocalTime(local, zone, 'earlier').getTime(), resolveLocalTime(local, zone, 'later').getTime()];
      if (instants.length === 1) {
        expect([resolveLocalTime(local, zone).getTime(), earlier, later]).toEqual([instants[0], instants[0], instants[0]]);
        return;
      }
      expect(() => resolveLocalTime(local, zone)).toThrow(LocalTimeAmbiguous);
      if (instants.length === 2) expect([earlier, later]).toEqual(instants);
      else expect([later - earlier, shown(earlier, zone), shown(later, zone)]).toEqual([HOUR, text(quarter - 4), text(quarter + 4)]);
    }), { numRuns: 400 });
  });

  it('a reminder comes so many hours before the closing as pass, not as the wall counts', () => {
    fc.assert(fc.property(times, fc.integer({ min: 1, max: 72 }), fc.constantFrom('earlier' as const, 'later' as const), ({ zone, quarter }, hours, which) => {
      const closesAt = resolveLocalTime(text(quarter), zone, which);
      expect(reminderInstants([hours, hours], closesAt)).toEqual([{ hours, due: new Date(closesAt.getTime() - hours * HOUR) }]);
    }));
  });
});
