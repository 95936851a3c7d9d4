import type { EntityManager } from 'typeorm';

/** Everything that lies in the partition below this offset was written, or handled, by this database. */
export interface TopicPosition {
  /** Without the environment's prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: bigint;
}

type Queries = Pick<EntityManager, 'query'>;

/** For a statement that takes positions as three arrays. In order, so that two of them never wait for each other in a ring. */
export function positionArrays(positions: readonly TopicPosition[]): [string[], number[], string[]] {
  const sorted = positions.toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
  return [sorted.map(({ topic }) => topic), sorted.map(({ partition }) => partition), sorted.map(({ nextOffset }) => String(nextOffset))];
}

/** In the transaction of what was said or handled. */
export async function keepPositions(tx: Queries, positions: readonly TopicPosition[]): Promise<void> {
  await tx.query(
    `INSERT INTO topic_position (topic, partition, next_offset) SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[])
     ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset`,
    positionArrays(positions),
  );
}

export async function positionsOf(db: Queries, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const rows = await db.query<{ partition: number; next_offset: string }[]>('SELECT partition, next_offset FROM topic_position WHERE topic = $1', [topic]);
  return new Map(rows.map(({ partition, next_offset }) => [partition, BigInt(next_offset)]));
}

/** After the loss of the topics: what is told anew lies at other places. */
export async function forgetPositionsIn(db: Queries, topics: readonly string[]): Promise<void> {
  await db.query('DELETE FROM topic_position WHERE topic = ANY($1::text[])', [topics]);
}
