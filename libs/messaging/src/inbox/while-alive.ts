/**
 * Keeps the membership in the group during work that may take longer than a session. A heartbeat that fails means that the
 * partitions are being dealt out anew: the work is finished, then the failure thrown, and who gets its messages again finds them handled.
 */
export async function whileAlive(heartbeat: () => Promise<void>, everyMs: number, work: () => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => failures.push(error));
  }, everyMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  if (failures.length > 0) throw failures[0];
}
