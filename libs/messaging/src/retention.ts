import { inBatches, type RetentionRule } from '@cahier/platform';
import { RETENTION_DAYS } from './kafka/topics.js';

/** Kafka removes whole segments, which stay open for up to a retention's length: a message may come again until then. */
const INBOX_DAYS = 2 * RETENTION_DAYS + 1;
/** Time to look into a dead letter that was replayed or discarded. */
const SETTLED_DAYS = 30;

/**
 * Inbox rows that Kafka can no longer deliver again; the message of a dead letter that was settled, which may hold personal data; and,
 * unless the service keeps them as the audit of what it said, published outbox rows that Kafka has dropped too.
 */
export function messagingRetention({ keepPublished }: { keepPublished: boolean }): RetentionRule[] {
  const inbox: RetentionRule = {
    name: 'inbox',
    apply: (db) => inBatches(db, `DELETE FROM inbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM inbox WHERE received_at < now() - make_interval(days => $1) LIMIT $2))`, [INBOX_DAYS]),
  };
  const deadLetters: RetentionRule = {
    name: 'settled-dead-letters',
    apply: (db) => inBatches(db, `UPDATE dead_letter SET value = '' WHERE id IN (SELECT id FROM dead_letter WHERE settled_at < now() - make_interval(days => $1) AND value <> '' LIMIT $2)`, [SETTLED_DAYS]),
  };
  const outbox: RetentionRule = {
    name: 'outbox',
    // Only ever looks at the oldest rows: the table holds days of traffic.
    apply: (db) => inBatches(db, `DELETE FROM outbox WHERE published_at < now() - make_interval(days => $1) AND position IN (SELECT position FROM outbox ORDER BY position LIMIT $2)`, [RETENTION_DAYS]),
  };
  return keepPublished ? [inbox, deadLetters] : [inbox, deadLetters, outbox];
}
