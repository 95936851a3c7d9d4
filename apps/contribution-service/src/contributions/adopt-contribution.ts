import { contributionHidden, contributionShown, type contributionSubmitted } from '@cahier/contracts';
import { isFact, type SaidFact } from '@cahier/messaging';
import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Contribution } from './contribution.entity.js';
import { Moderation } from './moderation.entity.js';

/** The moderator is not in the event: only that somebody of staff decided, and why. */
const UNKNOWN_MODERATOR = { actorSubject: 'unknown', actorName: 'Inconnu (rétabli d’après les événements) · Unknown (restored from the events)' };

/** Version of the key behind management tokens while there was but one. */
const FIRST_KEY = 1;

/**
 * Makes a fact about a contribution true again that a restored database does not know.
 * The body as received, which is in no event, stays lost; the row says so. A moderator's name is lost too.
 * @returns what an operator must know of it, if anything.
 */
export async function adoptContribution(tx: EntityManager, fact: SaidFact): Promise<string | undefined> {
  const note = isFact(fact, contributionHidden) ? await adoptHiding(tx, fact) : await adoptWhole(tx, fact as SaidFact<typeof contributionSubmitted>);
  if (isFact(fact, contributionHidden)) await adoptModeration(tx, 'hide', fact);
  if (isFact(fact, contributionShown)) await adoptModeration(tx, 'show', fact);
  return note;
}

/** Submitted, shown, or withdrawn: the whole of it, guarded by its version. What a withdrawal erased is erased. */
async function adoptWhole(tx: EntityManager, { data, version, at }: SaidFact<typeof contributionSubmitted>): Promise<string | undefined> {
  const { contributionId, origin } = data;
  const changed: unknown[] = await tx.query(
    `INSERT INTO contribution AS known (contribution_id, campaign_id, key_hash, filing_number, received_at, restored_at, body_sha256, token_key, participant_ref, sealed_contact,
                                        classification, text, status, version, changed_at)
     VALUES ($1, $2, $3, $4, $5, service_now(), $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (contribution_id) DO UPDATE SET status = excluded.status, version = excluded.version, changed_at = excluded.changed_at, text = excluded.text
       WHERE known.version < excluded.version
     RETURNING contribution_id`,
    [
      contributionId, data.campaignId, Buffer.from(origin?.keySha256 ?? unrepeatable(contributionId), 'hex'), data.filingNumber, data.receivedAt, data.bodySha256, origin?.tokenKey ?? FIRST_KEY,
      data.participantRef ?? null, data.sealedContact ?? null, data.classification, (data as Partial<typeof data>).text ?? null, data.status, version, at,
    ],
  );
  return origin || changed.length === 0 ? undefined : `Contribution ${contributionId}: its event tells neither its key nor its token’s, as events once did. A repeated request files it again, and its author’s link may not open it.`;
}

/** Its words stay in the row: the event has none. */
async function adoptHiding(tx: EntityManager, { data: { contributionId, status }, version, at }: SaidFact<typeof contributionHidden>): Promise<string | undefined> {
  const [, changed] = await tx.query<[unknown, number]>('UPDATE contribution SET status = $2, version = $3, changed_at = $4 WHERE contribution_id = $1 AND version < $3', [contributionId, status, version, at]);
  return changed > 0 || (await tx.existsBy(Contribution, { contributionId })) ? undefined : `Contribution ${contributionId}: it was hidden, and its words are neither in the backup nor in Kafka any more. It is lost.`;
}

/** A hash that no idempotency key has. */
const unrepeatable = (contributionId: string): string => createHash('sha256').update(`restored ${contributionId}`).digest('hex');

async function adoptModeration(tx: EntityManager, action: Moderation['action'], { data, version, at }: SaidFact<typeof contributionHidden | typeof contributionShown>): Promise<void> {
  const { contributionId, reason } = data;
  // Where the row is there the moderator is known: Kafka keeps some events longer than the outbox.
  await tx.createQueryBuilder().insert().into(Moderation).values({ contributionId, version, action, reason, at, ...UNKNOWN_MODERATOR }).orIgnore().execute();
}
