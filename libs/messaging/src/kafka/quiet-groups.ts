import type { Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SESSION_TIMEOUT_MS } from '../inbox/subscription.js';

/** A process that was killed counts as reading until the broker misses it; so does, on a broker whose log was put back, whoever read then. */
export const PATIENCE_MS = 2 * SESSION_TIMEOUT_MS;
const LOOK_EVERY_MS = 250;

/**
 * Waits until nobody reads in any of the groups.
 * @returns those of them that exist.
 * @throws Error with the names of those in which somebody still reads after `patienceMs`.
 */
export async function quietGroups(admin: Admin, groups: readonly string[], patienceMs: number): Promise<string[]> {
  for (const start = performance.now(); ; await sleep(LOOK_EVERY_MS)) {
    const { groups: all } = await admin.listGroups();
    const present = groups.filter((group) => all.some(({ groupId }) => groupId === group));
    const { groups: described } = await admin.describeGroups(present);
    const inUse = described.filter(({ members }) => members.length > 0).map(({ groupId }) => groupId);
    if (inUse.length === 0) return present;
    if (performance.now() - start >= patienceMs) throw new Error(`Stop these services first, they are reading: ${inUse.join(', ')}`);
  }
}
