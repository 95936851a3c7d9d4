import type { intakeSealed } from '@cahier/contracts';
import type { SaidFact } from '@cahier/messaging';
import type { EntityManager } from 'typeorm';

/** Makes a seal true again that a restored database does not know: the set is final, as it was told. */
export async function adoptSeal(tx: EntityManager, { data: { campaignId, closesAt, accepted, withdrawn, digest }, at }: SaidFact<typeof intakeSealed>): Promise<void> {
  await tx.query(
    `INSERT INTO intake_seal (campaign_id, closes_at, sealed_at, announced_at, accepted, withdrawn, digest) VALUES ($1, $2, $3, $3, $4, $5, $6)
     ON CONFLICT (campaign_id) DO UPDATE SET announced_at = excluded.announced_at, accepted = excluded.accepted, withdrawn = excluded.withdrawn, digest = excluded.digest`,
    [campaignId, closesAt, at, accepted, withdrawn, digest],
  );
}
