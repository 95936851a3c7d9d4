import { serviceNames } from '@cahier/local-stack';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/** As a load balancer does: an intake gets no new requests before it is told to end. */
const SETTLE_MS = 300;

export const f14: Scenario<World> = {
  id: 'F14', title: 'Rolling restart of every service, two intakes', invariants: ['X2', 'I1', 'E2', 'N1'], load: { seconds: 14 }, mayRetry: false,
  async run(world) {
    const first = world.services['contribution-service'];
    const second = await world.replica('contribution-service');
    world.intakes = [second.url];
    await sleep(SETTLE_MS);
    await first.restart();
    world.intakes = [first.url, second.url];
    await sleep(1_000);
    world.intakes = [first.url];
    const started = performance.now();
    const ended = await second.kill('SIGTERM');
    if (ended !== 0) throw new Error(`The second intake ended by ${ended}`);
    if (performance.now() - started > 10_000) throw new Error('The second intake took more than 10 s to end');
    for (const name of serviceNames) if (name !== 'contribution-service') await world.services[name].restart();
  },
};
