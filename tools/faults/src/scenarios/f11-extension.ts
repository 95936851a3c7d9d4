import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/**
 * The broker goes just before the closing is moved, and stays away past the old closing: a change that was made could not be heard
 * in time. Until it is heard people are refused, honestly; nothing is sealed, nothing closes twice, and no second change is made.
 */
export const f11Extension: Scenario<World> = {
  id: 'F11-EXTENSION', title: 'Broker away for longer than the notice of an extension', invariants: ['I1', 'I3', 'I6', 'E1', 'S1', 'R2'], load: { perSecond: 20, seconds: 36 }, quietSeconds: -22,
  async run(world) {
    await sleep(world.untilClosing() - 8_000);
    const [old, pid] = [world.closesAt, world.pidOf('kafka')];
    process.kill(pid, 'SIGKILL');
    if ((await world.extend(new Date(old.getTime() + 20_000))) !== 200) throw new Error('The closing could not be moved');
    await sleep(3_000);
    const second = await world.extend(new Date(old.getTime() + 25_000));
    if (second !== 503) throw new Error(`A change that nobody can hear was answered with ${second}`);
    await sleep(old.getTime() + 4_000 - Date.now()); // past the grace of the old closing
    const sealed = await world.query('contribution-service', 'SELECT FROM intake_seal WHERE campaign_id = $1', [world.campaign?.campaignId]);
    if (sealed.length > 0) throw new Error('Sealed at a closing that was moved');
    await world.restartServer('kafka');
  },
};
