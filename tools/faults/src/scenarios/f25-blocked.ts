import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import { dispatchOf } from '../sinks/mail-log.js';
import type { World } from '../world/world.js';

const BLOCKED_MS = 14_000;

/** What a worker has taken and not begun to send, when it says nothing for longer than its lease, another sends: once, also after the first has woken. */
export const f25: Scenario<World> = {
  id: 'F25', title: 'Event loop of a mail worker blocked for 5 s and for 14 s', invariants: ['N1', 'N2'], load: { perSecond: 20, seconds: 50 }, quietSeconds: 10,
  async run(world) {
    await world.replica('notification-service');
    await (await world.arm('notification-service', 'after-smtp-250=block:5000@1')).next();
    await sleep(6_000);
    await (await world.arm('notification-service', `after-claim=block:${BLOCKED_MS}@1`)).next();
    const claimed = await world.query<{ id: string }>('notification-service', `SELECT dispatch_id AS id FROM dispatch WHERE state = 'claimed'`);
    await sleep(BLOCKED_MS + 4_000);
    for (const { id } of claimed) {
      const times = world.mail.taken.filter(({ messageId }) => dispatchOf(messageId) === id).length;
      if (times !== 1) throw new Error(`A mail that was taken from a blocked worker was sent ${times} times`);
    }
    if (claimed.length === 0) throw new Error('The blocked worker had taken no mail');
  },
};
