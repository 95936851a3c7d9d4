import type { ReportKind } from '@cahier/contracts';
import { currentTraceparent } from '@cahier/platform';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { ReportIdentity } from './report.entity.js';

/**
 * A campaign's reports of one kind are versions of one number; numbers run by year (UTC) and never come twice.
 * Call it inside the transaction that inserts the report: the constraint on (campaign, kind, version) settles a race.
 */
export async function nextIdentity(tx: EntityManager, campaignId: string, kind: ReportKind, at: Date): Promise<ReportIdentity> {
  // One order at a time for a campaign: two would read the same last version.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`report ${campaignId} ${kind}`]);
  const [last] = await tx.query<{ number: string; version: number }[]>(
    'SELECT number, version FROM report WHERE campaign_id = $1 AND kind = $2 ORDER BY version DESC LIMIT 1',
    [campaignId, kind],
  );
  const identity = { id: randomUUID(), campaignId, traceparent: currentTraceparent() ?? null };
  if (last) return { ...identity, number: last.number, version: last.version + 1 };

  const year = at.getUTCFullYear();
  const [row] = await tx.query<{ last: number }[]>('INSERT INTO report_number (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = report_number.last + 1 RETURNING last', [year]);
  return { ...identity, number: `CAHIER-${year}-${String(row!.last).padStart(4, '0')}`, version: 1 };
}
