import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f01: Scenario<World> = {
  id: 'F1', title: 'Intake killed before and after its commits', invariants: ['I1', 'I2', 'I3', 'I4', 'I5'], load: { seconds: 14 },
  async run(world) {
    for (const failpoint of ['before-commit=kill@6', 'after-commit-before-reply=kill@6', 'before-commit=kill@1', 'after-commit-before-reply=kill@1']) {
      const moments = await world.arm('contribution-service', failpoint);
      await moments.next();
    }
    await world.revive('contribution-service');
  },
};
