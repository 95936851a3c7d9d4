/** Age in milliseconds of the oldest event that Kafka has not got; 0 when there is none. A service that must be heard in time asks before it speaks. */
export async function outboxAgeMs(tx: { query(sql: string): Promise<unknown> }): Promise<number> {
  const rows = (await tx.query(
    `SELECT extract(epoch FROM clock_timestamp() - created_at) * 1000 AS age FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT 1`,
  )) as { age: string }[];
  return rows[0] === undefined ? 0 : Math.max(0, Number(rows[0].age));
}
