import { IntakeDigest } from '@cahier/contracts';
import type { Query } from './campaign.queries.js';

export interface SealRow {
  readonly closes_at: Date;
  readonly accepted: number;
  readonly withdrawn: number;
  readonly digest: string;
}

/** Undefined while the campaign takes contributions. */
export async function findSeal(query: Query, campaignId: string): Promise<SealRow | undefined> {
  const [row] = await query<SealRow>('SELECT closes_at, accepted, withdrawn, digest FROM intake_seal WHERE campaign_id = $1', [campaignId]);
  return row;
}

/** What the projection holds of the campaign, whatever the cut-off. */
export async function tallyContributions(query: Query, campaignId: string): Promise<{ accepted: number; withdrawn: number }> {
  const [row] = await query<{ accepted: number; withdrawn: number }>(
    `SELECT count(*)::integer AS accepted, count(*) FILTER (WHERE status = 'withdrawn')::integer AS withdrawn FROM contribution WHERE campaign_id = $1`,
    [campaignId],
  );
  return row!;
}

export interface HeldContribution {
  readonly contribution_id: string;
  readonly body_sha256: string;
  readonly status: string;
}

const PAGE_ROWS = 10_000;

/** All of the campaign's, in ascending order of id. Pages: call it inside one snapshot where that matters. */
export async function* heldContributions(query: Query, campaignId: string): AsyncGenerator<HeldContribution> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const page = await query<HeldContribution>(
      'SELECT contribution_id, body_sha256, status FROM contribution WHERE campaign_id = $1 AND contribution_id > $2 ORDER BY contribution_id LIMIT $3',
      [campaignId, after, PAGE_ROWS],
    );
    yield* page;
    if (page.length < PAGE_ROWS) return;
    after = page.at(-1)!.contribution_id;
  }
}

/** The digest that the seal must have. */
export async function digestContributions(query: Query, campaignId: string): Promise<string> {
  const digest = new IntakeDigest();
  for await (const { contribution_id, body_sha256, status } of heldContributions(query, campaignId)) digest.add(contribution_id, body_sha256, status === 'withdrawn');
  return digest.hex();
}
