import type { EntityManager } from 'typeorm';

/**
 * Empties what is copied from events, and the inbox that would refuse to hear them again. Both or neither.
 * Closing reports that wait go on waiting: until everything was told again, the projection is not what was sealed.
 */
export async function forgetProjections(tx: Pick<EntityManager, 'query'>): Promise<void> {
  // In the order in which a consumer takes them: neither waits for the other crosswise.
  await tx.query('TRUNCATE inbox, campaign, document, document_node, contribution, intake_seal');
}
