import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import { dispatchOf } from '../sinks/mail-log.js';
import type { World } from '../world/world.js';

const BLOCKED_MS = 14_000;
/** Longer than the mail server of this world takes for one. */
const LONG_UNDER_WAY_MS = 1_500;

/** A worker stands still between claiming a mail and speaking to the server. Once its lease is over another sends it: once, also after the first has woken. */
async function anotherSends(world: World, blocked: Promise<string>): Promise<void> {
  await blocked;
  const start = performance.now();
  await sleep(LONG_UNDER_WAY_MS + 500);
  const held = await world.query<{ id: string }>('notification-service', `SELECT dispatch_id AS id FROM dispatch WHERE state = 'sending' AND lane <> 'bulk' AND claimed_at < service_now() - $1 * interval '1 millisecond'`, [LONG_UNDER_WAY_MS]);
  if (held.length === 0) throw new Error('The blocked worker had claimed no mail');
  for (const [until, who] of [[BLOCKED_MS - 1_000, 'while it slept'], [BLOCKED_MS + 4_000, 'when it was awake again']] as const) {
    await sleep(until - (performance.now() - start));
    for (const { id } of held) {
      const times = world.mail.taken.filter(({ messageId }) => dispatchOf(messageId) === id).length;
      if (times !== 1) throw new Error(`A mail that a blocked worker had claimed was sent ${times} times, ${who}`);
    }
  }
}

export const f25: Scenario<World> = {
  id: 'F25', title: 'Event loop of a mail worker blocked for 5 s and for 14 s', invariants: ['N1', 'N2'], load: { perSecond: 20, seconds: 50 }, quietSeconds: 10,
  async run(world) {
    await world.replica('notification-service');
    await (await world.arm('notification-service', 'after-smtp-250=block:5000@1')).next();
    await sleep(6_000);
    // It may stand still before it could be called ready.
    const blocked = world.moments('notification-service').next();
    await Promise.all([world.arm('notification-service', `after-claim=block:${BLOCKED_MS}@1`), anotherSends(world, blocked)]);
  },
};
