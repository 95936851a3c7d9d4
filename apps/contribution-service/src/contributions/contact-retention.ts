import { inBatches, type RetentionRule } from '@cahier/platform';
import type { DataSource } from 'typeorm';

/**
 * What a campaign needs no longer `days` after its closing: how to reach an author, and the words of who withdrew. The bodies of the
 * others stay whole, encrypted: they are the record of what was received, under the law of public archives.
 */
export function contactRetention(days: number): RetentionRule {
  return {
    name: 'contacts',
    async apply(db) {
      let erased = 0;
      for (const campaignId of await due(db, days)) {
        erased += await inBatches(
          db,
          `UPDATE contribution SET sealed_contact = NULL, body_sealed = CASE WHEN status = 'withdrawn' THEN '' ELSE body_sealed END
            WHERE contribution_id IN (SELECT contribution_id FROM contribution WHERE campaign_id = $1 AND (sealed_contact IS NOT NULL OR (status = 'withdrawn' AND body_sealed <> '')) LIMIT $2)`,
          [campaignId],
        );
        await db.query('UPDATE campaign_window SET contacts_erased_at = service_now() WHERE campaign_id = $1', [campaignId]);
      }
      return erased;
    },
  };
}

/** Each once: nothing comes to a campaign after its closing. */
async function due(db: DataSource, days: number): Promise<string[]> {
  const rows = await db.query<{ campaign_id: string }[]>(
    `SELECT campaign_id FROM campaign_window WHERE contacts_erased_at IS NULL AND closes_at < service_now() - make_interval(days => $1) ORDER BY campaign_id`,
    [days],
  );
  return rows.map(({ campaign_id: id }) => id);
}
