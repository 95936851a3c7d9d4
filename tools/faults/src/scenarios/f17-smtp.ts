import type { Scenario } from '../scenario.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Behaviour, behaviours } from '../mail-sink/behaviour.js';
import type { World } from '../world/world.js';

const bad = behaviours.filter((one): one is Exclude<Behaviour, 'well'> => one !== 'well' && one !== 'tls-garbage');

export const f17: Scenario<World> = {
  id: 'F17', title: 'The mail server misbehaves in every way', invariants: ['N1', 'N2', 'N4', 'N5'], load: { perSecond: 24, seconds: 10 }, quietSeconds: 12,
  async run(world) {
    const seen = new Map(world.mail.seen);
    world.mail.rule = (nth) => (nth % 2 === 0 ? (bad[(nth / 2) % bad.length] ?? 'well') : 'well');
    await sleep(9_000);
    world.mail.rule = () => 'tls-garbage';
    await sleep(1_500);
    const unseen = [...bad, 'tls-garbage' as const].filter((one) => (world.mail.seen.get(one) ?? 0) === (seen.get(one) ?? 0));
    if (unseen.length > 0) throw new Error(`No mail met ${unseen.join(', ')}`);
  },
};
