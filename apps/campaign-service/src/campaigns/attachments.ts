import type { EntityManager } from 'typeorm';
import { EditionUnknown, SteeringBodyUnknown } from './campaign.errors.js';

/** @throws EditionUnknown. */
export async function requireEdition(tx: EntityManager, editionId: string): Promise<void> {
  const found = await tx.query<unknown[]>('SELECT 1 FROM edition WHERE edition_id = $1 FOR KEY SHARE', [editionId]);
  if (found.length === 0) throw new EditionUnknown({ fr: 'Aucune édition ne porte cet identifiant.', en: 'No edition has this id.' });
}

/** Replaces the steering bodies of a campaign. @throws SteeringBodyUnknown. */
export async function attachSteeringBodies(tx: EntityManager, campaignId: string, ids: readonly string[]): Promise<void> {
  const distinct = [...new Set(ids)];
  await tx.query('DELETE FROM campaign_steering_body WHERE campaign_id = $1', [campaignId]);
  const attached = await tx.query<unknown[]>(
    `INSERT INTO campaign_steering_body (campaign_id, steering_body_id)
     SELECT $1, steering_body_id FROM steering_body WHERE steering_body_id = ANY($2::uuid[]) RETURNING 1`,
    [campaignId, distinct],
  );
  if (attached.length < distinct.length) throw new SteeringBodyUnknown({ fr: 'Une instance de pilotage n’existe pas.', en: 'A steering body does not exist.' });
}
