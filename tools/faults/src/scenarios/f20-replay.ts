import { serviceNames } from '@cahier/local-stack';
import { setTimeout as sleep } from 'node:timers/promises';
import { allEvents } from '@cahier/contracts';
import { readTopic, writeTopic } from '@cahier/messaging';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/** Every topic once more, as it is, and once more when the inboxes have forgotten: an inbox lives no longer than its topic. */
export const f20: Scenario<World> = {
  id: 'F20', title: 'Whole topics delivered again, with and without inbox', invariants: ['E2', 'E3', 'E4', 'N1'], load: { perSecond: 25, seconds: 12 }, quietSeconds: 12,
  async run(world) {
    await sleep(3_000);
    for (const forgotten of [false, true]) {
      if (forgotten) for (const name of serviceNames) await world.query(name, 'TRUNCATE inbox');
      let told = 0;
      for (const topic of new Set(allEvents.map((contract) => (world.services['contribution-service'].env.TOPIC_PREFIX ?? '') + contract.topic.name))) {
        const all = await readTopic(world.stack.kafka.brokers, topic);
        for (let from = 0; from < all.length; from += 500) await writeTopic(world.stack.kafka.brokers, topic, all.slice(from, from + 500));
        told += all.length;
      }
      if (told === 0) throw new Error('There was nothing to be told again');
      await sleep(2_000);
    }
  },
};
