import { serviceNames } from '@cahier/local-stack';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const HALF_A_MINUTE = 30_000;
const HOUR = 3_600_000;
/** What the slowest clock of the two still needs, and the grace after it. */
const PAST_CLOSING = HALF_A_MINUTE + 4_000;

const skewed = (id: string, title: string, campaign: number): Scenario<World> => ({
  id, title, invariants: ['S1', 'S3', 'I3', 'I6', 'N1'], early: true, load: { perSecond: 15, seconds: 80 }, quietSeconds: -45, // past both closings
  before: (world) => world.shiftClocks({ 'campaign-service': campaign, 'contribution-service': -campaign, 'notification-service': campaign, 'reporting-service': -campaign }),
  run: (world) => sleep(world.untilClosing() + PAST_CLOSING),
});

/** A clock that somebody sets, and sets back: an hour later, an hour earlier, in the service that fires and in the one that decides. */
const jumping: Scenario<World> = {
  id: 'F19-JUMP', title: 'Clocks put forward and back by an hour', invariants: ['S1', 'S3', 'I6'], load: { seconds: 10 }, quietSeconds: 10,
  async run(world) {
    await world.shiftClocks({ 'campaign-service': -HOUR, 'notification-service': -HOUR });
    await sleep(2_000);
    await world.shiftClocks({ 'campaign-service': HOUR }); // closes there, and nowhere else
    await sleep(2_000);
    await world.shiftClocks({ 'contribution-service': -HOUR, 'reporting-service': HOUR }); // not open yet
    await sleep(2_000);
    await world.shiftClocks({ 'contribution-service': HOUR }); // closed and sealed
    await sleep(5_000);
    await world.shiftClocks({ 'contribution-service': -1_000 }); // nothing is accepted after the seal
    await sleep(2_000);
  },
};

/** Opening and closing on the two sides of the change, in processes that live by another zone. */
const night = (id: string, title: string, at: string, leapMs: number): Scenario<World> => ({
  id, title, invariants: ['S1', 'S2', 'S3', 'I6'], at, disambiguation: 'earlier', load: { seconds: 8 }, quietSeconds: 6 + leapMs / 1_000,
  before: async (world) => void (await Promise.all(serviceNames.map((name) => world.runWith(name, { TZ: 'America/St_Johns' })))),
  async run(world) {
    await sleep(7_000);
    if (leapMs > 0) await world.setClocks(new Date(world.now() + leapMs).toISOString());
    await sleep(world.untilClosing() + 500);
  },
});

export const f19 = [
  skewed('F19-AHEAD', 'Clock of the schedule 60 s ahead of the intake’s', HALF_A_MINUTE),
  skewed('F19-BEHIND', 'Clock of the schedule 60 s behind the intake’s', -HALF_A_MINUTE),
  jumping,
  night('F19-SPRING', 'Across the start of summer time, TZ not UTC', '2027-03-28T00:59:45.000Z', 0),
  night('F19-AUTUMN', 'Across the end of summer time, TZ not UTC', '2027-10-31T00:59:40.000Z', HOUR),
];
