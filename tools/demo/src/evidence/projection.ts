import type { Shown } from './contribution.js';
import { rowsOf } from './database.js';

/** What reporting-service has heard of a campaign. */
export async function readProjection({ DATABASE_URL = '' }: Readonly<Record<string, string>>, campaignId: string): Promise<Shown[]> {
  return rowsOf<Shown>(
    DATABASE_URL,
    `SELECT contribution_id AS id, body_sha256 AS sha256, kind, stance, title, body, status FROM contribution WHERE campaign_id = $1 ORDER BY contribution_id`,
    [campaignId],
  );
}
