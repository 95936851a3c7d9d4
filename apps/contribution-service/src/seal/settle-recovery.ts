import { IsNull, Not, type EntityManager } from 'typeorm';
import { countIntake } from './announce-seal.use-case.js';
import { IntakeSeal } from './intake-seal.entity.js';

/** Numbers that may stand on receipts of contributions that neither the backup nor Kafka has: they must not come again. Gaps are normal. */
const NUMBERS_IN_DOUBT = 10_000;

/** Once every fact was adopted: no filing number comes twice, and each seal is compared with what is there. @returns what an operator must know. */
export async function settleRecovery(tx: EntityManager): Promise<readonly string[]> {
  await tx.query(
    `SELECT setval('filing_number_seq', least.number) FROM (SELECT max(split_part(filing_number, '-', 2)::bigint) + $1::bigint AS number FROM contribution) AS least, filing_number_seq AS now
     WHERE least.number > now.last_value`,
    [NUMBERS_IN_DOUBT],
  );
  const notes: string[] = [];
  const [{ restored }] = await tx.query<[{ restored: number }]>('SELECT count(*)::integer AS restored FROM contribution WHERE body_sealed IS NULL');
  if (restored > 0) notes.push(`${restored} contributions were read back from Kafka, today or before: their words, their receipts’ facts and their hash are there, the bytes as received are lost (\`restored_at\`).`);
  for (const { campaignId, accepted, digest } of await tx.findBy(IntakeSeal, { announcedAt: Not(IsNull()) })) {
    const held = await countIntake(tx, campaignId);
    if (held.digest !== digest) notes.push(`Campaign ${campaignId}: its seal counts ${accepted} contributions, the database has ${held.accepted}. What is missing is neither in the backup nor in Kafka.`);
  }
  return notes;
}
