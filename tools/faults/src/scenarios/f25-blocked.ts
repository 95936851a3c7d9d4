import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/** A job whose worker says nothing for longer than its lock is given to another: the row's claim decides, not the queue. */
export const f25: Scenario<World> = {
  id: 'F25', title: 'Event loop of a mail worker blocked for 5 s and for 14 s', invariants: ['N1', 'N2'], load: { seconds: 22 }, quietSeconds: 10,
  async run(world) {
    await world.replica('notification-service');
    for (const failpoint of ['after-smtp-250=block:5000@3', 'after-claim=block:14000@3']) await (await world.arm('notification-service', failpoint)).next();
  },
};
