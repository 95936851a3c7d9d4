import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

export const f05: Scenario<World> = {
  id: 'F5', title: 'Report worker killed in the middle of a file, and the sealer between its transactions', invariants: ['R1', 'R2', 'R3', 'I6'], load: { seconds: 4 }, quietSeconds: 6,
  async run(world) {
    const report = await world.arm('reporting-service', 'report-mid-file=kill@1');
    const seal = await world.arm('contribution-service', 'seal-between-transactions=kill@1');
    await seal.next();
    await world.revive('contribution-service');
    await report.next();
    await world.revive('reporting-service');
  },
};
