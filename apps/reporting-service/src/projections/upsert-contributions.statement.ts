import type { ContributionFacts } from '@cahier/contracts';

/** One row of the projection, as `UPSERT_CONTRIBUTIONS` takes it. */
export interface ContributionRow {
  readonly contribution_id: string;
  readonly campaign_id: string;
  readonly version: number;
  readonly filing_number: string;
  readonly received_at: string;
  readonly body_sha256: string;
  readonly status: string;
  readonly participant_ref: string | null;
  readonly kind: string;
  readonly stance: string | null;
  readonly audience: string | null;
  readonly language: string;
  readonly publication: string;
  readonly targets: readonly { type: string; id: string }[];
  /** The first section or paragraph that it points to. */
  readonly anchor_node_id: string | null;
  /** The first contribution that it answers. */
  readonly parent_id: string | null;
  readonly title: string | null;
  readonly body: string | null;
  readonly proposed_wording: string | null;
  readonly quotes: readonly (string | null)[] | null;
  readonly source_url: string | null;
  readonly source_category: string | null;
  readonly organisation: string | null;
  readonly author_name: string | null;
}

/** The whole row of one fact: a withdrawn or hidden contribution keeps its row and loses its text. */
export function rowOf(facts: ContributionFacts, version: number): ContributionRow {
  const { classification, text } = facts;
  const { targets } = classification;
  return {
    contribution_id: facts.contributionId,
    campaign_id: facts.campaignId,
    version,
    filing_number: facts.filingNumber,
    received_at: facts.receivedAt,
    body_sha256: facts.bodySha256,
    status: facts.status,
    participant_ref: facts.participantRef ?? null,
    kind: classification.kind,
    stance: classification.stance ?? null,
    audience: classification.audience ?? null,
    language: classification.language,
    publication: classification.publication,
    targets: targets.map(({ type, id }) => ({ type, id })),
    anchor_node_id: targets.find(({ type }) => type !== 'contribution')?.id ?? null,
    parent_id: targets.find(({ type }) => type === 'contribution')?.id ?? null,
    title: text?.title ?? null,
    body: text?.body ?? null,
    proposed_wording: text?.proposedWording ?? null,
    quotes: text?.quotes ?? null,
    source_url: text?.source?.url ?? null,
    source_category: text?.source?.category ?? null,
    organisation: text?.organisation ?? null,
    author_name: text?.authorName ?? null,
  };
}

const COLUMNS = {
  contribution_id: 'uuid', campaign_id: 'uuid', version: 'integer', filing_number: 'text', received_at: 'timestamptz', body_sha256: 'text', status: 'text', participant_ref: 'text',
  kind: 'text', stance: 'text', audience: 'text', language: 'text', publication: 'text', targets: 'jsonb', anchor_node_id: 'uuid', parent_id: 'uuid',
  title: 'text', body: 'text', proposed_wording: 'text', quotes: 'jsonb', source_url: 'text', source_category: 'text', organisation: 'text', author_name: 'text',
} satisfies Record<keyof ContributionRow, string>;
const names = Object.keys(COLUMNS);

/**
 * A chunk of whole facts in one statement; $1 is the rows as one JSON array. A row that is as new or newer already stays:
 * duplicates, gaps and any order end in the same table. In order of id, so that two chunks never wait for each other in a ring.
 */
export const UPSERT_CONTRIBUTIONS = `
  INSERT INTO contribution (${names.join(', ')})
  SELECT ${names.join(', ')} FROM json_to_recordset($1::json) AS fact (${Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`).join(', ')})
   ORDER BY contribution_id
  ON CONFLICT (contribution_id) DO UPDATE
     SET ${names.filter((name) => name !== 'contribution_id').map((name) => `${name} = EXCLUDED.${name}`).join(', ')}
   WHERE contribution.version < EXCLUDED.version`;
