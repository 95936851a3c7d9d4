import type { EntityManager } from 'typeorm';

/** Found by an operator beside a mail whose fate is unknown. */
const CAUSE = 'The database was restored: it may have been sent';

/**
 * Once everything was heard again: of no mail that still waits is it known whether it was sent before the restore.
 * An announcement waits for an operator; receipts and transactional mails go (again) under the same Message-ID, and the
 * attempt that may have been made is counted. No completion is told twice under one version.
 * @returns what an operator must know.
 */
export async function settleRecovery(tx: EntityManager): Promise<readonly string[]> {
  await tx.query(
    `UPDATE mailing AS m SET completions = told.version
     FROM (SELECT key::uuid AS mailing_id, max((envelope::jsonb ->> 'aggregateversion')::integer) AS version FROM outbox WHERE topic = 'notification.events' GROUP BY key) AS told
     WHERE m.mailing_id = told.mailing_id AND m.completions < told.version`,
  );
  const [held] = await tx.query<[{ kind: string }[], number]>(
    `UPDATE dispatch SET state = 'indeterminate', settled_at = service_now(), cause = $1, claimed_at = NULL, queued_at = NULL
     WHERE lane = 'bulk' AND state IN ('pending', 'claimed', 'sending') RETURNING kind`,
    [CAUSE],
  );
  const [again] = await tx.query<[{ kind: string }[], number]>(
    `UPDATE dispatch SET state = 'pending', attempts = attempts + 1, claimed_at = NULL, queued_at = NULL WHERE lane <> 'bulk' AND state IN ('pending', 'claimed', 'sending') RETURNING kind`,
  );
  return [
    ...(held.length > 0 ? [`${held.length} announcements may have been sent before the restore: they are indeterminate, and a mail operator sends them again or leaves them.`] : []),
    ...(again.length > 0 ? [`${again.length} receipts and other mails to one person go out, perhaps again, under the same Message-ID.`] : []),
    'Subscriptions, confirmations and unsubscriptions since the time of the backup are lost: they are in no event.',
  ];
}
