import { inBatches, type RetentionRule } from '@cahier/platform';

/** A link to confirm is good for so long. */
const UNCONFIRMED_DAYS = 14;
/**
 * The rows of what was sent tell who has been told: were they gone while contribution-service still had an address, its `republish` would
 * tell that person again. So they go a month later.
 */
const LATER_DAYS = 30;

/** The row stays, for the counts of its mailing; nothing in it leads to a person any more. One of unknown fate cannot be sent again. */
const erase = (which: string): string =>
  `UPDATE dispatch SET recipient = 'erased:' || dispatch_id, address = '', content = '{}', state = CASE WHEN state = 'indeterminate' THEN 'expired' ELSE state END
    WHERE dispatch_id IN (SELECT dispatch_id FROM dispatch WHERE ${which} AND settled_at IS NOT NULL AND address <> '' LIMIT $2)`;

const ENDED = `(SELECT campaign_id FROM campaign_copy WHERE (facts -> 'window' ->> 'closesAt')::timestamptz < service_now() - make_interval(days => $1))`;

/** @param days after its closing for which a campaign keeps the addresses of those who wanted to hear of it. */
export function contactRetention(days: number): RetentionRule[] {
  return [
    {
      name: 'unconfirmed-subscriptions',
      apply: (db) => inBatches(db, `DELETE FROM subscription WHERE subscription_id IN (SELECT subscription_id FROM subscription WHERE state = 'pending' AND consent_at < service_now() - make_interval(days => $1) LIMIT $2)`, [UNCONFIRMED_DAYS]),
    },
    {
      name: 'confirmation-mails',
      apply: (db) => inBatches(db, erase(`mailing_id IN (SELECT mailing_id FROM mailing WHERE kind = 'confirmation' AND contacts_erased_at IS NULL) AND created_at < service_now() - make_interval(days => $1)`), [UNCONFIRMED_DAYS]),
    },
    {
      name: 'subscriptions',
      apply: (db) => inBatches(db, `DELETE FROM subscription WHERE subscription_id IN (SELECT subscription_id FROM subscription WHERE campaign_id IN ${ENDED} LIMIT $2)`, [days]),
    },
    {
      name: 'mails',
      async apply(db) {
        let erased = 0;
        const due = await db.query<{ mailing_id: string }[]>(`SELECT mailing_id FROM mailing WHERE contacts_erased_at IS NULL AND campaign_id IN ${ENDED} ORDER BY mailing_id`, [days + LATER_DAYS]);
        for (const { mailing_id: mailingId } of due) {
          erased += await inBatches(db, erase('mailing_id = $1'), [mailingId]);
          // Looked through once, not every hour for ever; what is on its way even now is waited for.
          await db.query(`UPDATE mailing SET contacts_erased_at = service_now() WHERE mailing_id = $1 AND NOT EXISTS (SELECT FROM dispatch AS d WHERE d.mailing_id = $1 AND d.settled_at IS NULL)`, [mailingId]);
        }
        return erased;
      },
    },
  ];
}
