import { contributionSubmitted, type DataOf, envelopeOf, envelopeSchema } from '@cahier/contracts';
import { readTopic, writeTopic } from '@cahier/messaging';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const MEGABYTE = 1_000_000;
const now = (): Date => new Date(Date.now());

/** What must become a dead letter of each consumer, and what must be passed over. */
function poisonFrom(sound: DataOf<typeof contributionSubmitted>): { dead: string[]; ignored: string[] } {
  const [contributionId, campaignId] = [randomUUID(), randomUUID()];
  const facts = { ...sound, contributionId, campaignId };
  const event = envelopeOf(contributionSubmitted, facts, 1, now());
  return {
    dead: [
      'not JSON', '', '{"specversion":"2.0"}', 'x'.repeat(2 * MEGABYTE),
      JSON.stringify({ ...event, data: { ...facts, receivedAt: 'yesterday' } }),
      // Sound by the contract, and no database or key takes it.
      JSON.stringify({ ...event, data: { ...facts, sealedContact: 'nothing.that.opens', text: { ...facts.text, body: 'a\u0000b' } } }),
    ],
    ignored: [
      JSON.stringify({ ...event, id: randomUUID(), type: 'contribution.submitted.v9' }),
      JSON.stringify({ ...event, id: randomUUID(), type: 'contribution.rated.v1', data: { contributionId, text: 'é'.repeat(MEGABYTE / 2) } }),
    ],
  };
}

/** The first that the topic has. */
async function soundOne(brokers: readonly string[], topic: string): Promise<DataOf<typeof contributionSubmitted>> {
  for (let n = 0; n < 30; n++, await sleep(500)) {
    const [sound] = (await readTopic(brokers, topic)).flatMap(({ value }) => contributionSubmitted.data.safeParse(envelopeSchema.safeParse(JSON.parse(value)).data?.data).data ?? []);
    if (sound) return sound;
  }
  throw new Error('Nothing was filed');
}

export const f22: Scenario<World> = {
  id: 'F22', title: 'Poison among the events', invariants: ['E2', 'E3', 'E5'], load: { seconds: 12 }, poison: /contribution\.events\/\d+\/\d+ /,
  async run(world) {
    const { brokers } = world.stack.kafka;
    const topic = `${world.services['contribution-service'].env.TOPIC_PREFIX ?? ''}${contributionSubmitted.topic.name}`;
    const consumers = ['reporting-service', 'notification-service'] as const;
    const dead = async (): Promise<number[]> => Promise.all(consumers.map(async (name) => (await world.query(name, 'SELECT 1 FROM dead_letter')).length));
    const known = await dead();
    const poison = poisonFrom(await soundOne(brokers, topic));
    for (const value of [...poison.dead, ...poison.ignored]) await writeTopic(brokers, topic, [{ key: randomUUID(), value }]);
    await sleep(world.untilClosing());
    const found = (await dead()).map((count, n) => count - (known[n] ?? 0));
    if (found.some((count) => count !== poison.dead.length)) throw new Error(`${found.join(' and ')} dead letters, where each consumer must have ${poison.dead.length}`);
  },
};
