import type { DataSource } from 'typeorm';

/**
 * Empties what is copied from events, and the inbox that would refuse to hear them again. Both or neither.
 * Closing reports that wait go on waiting: until everything was told again, the projection is not what was sealed.
 */
export async function forgetProjections(db: DataSource): Promise<void> {
  await db.query('TRUNCATE campaign, document, document_node, contribution, intake_seal, inbox');
}
