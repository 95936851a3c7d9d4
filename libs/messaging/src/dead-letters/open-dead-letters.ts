import type { DataSource } from 'typeorm';

/** How many wait for an operator. */
export async function openDeadLetters(db: Pick<DataSource, 'query'>): Promise<number> {
  const [row] = await db.query<[{ count: number }]>(`SELECT count(*)::int AS count FROM dead_letter WHERE state = 'open'`);
  return row.count;
}
