import { WITH_PLACED } from '../figures/placed.statement.js';

/** One contribution as the files show it. Instants are text, made by the database: JavaScript's dates know neither zone nor format. */
export interface ExportedRow {
  readonly contribution_id: string;
  readonly campaign_id: string;
  readonly filing_number: string;
  /** UTC, milliseconds, `Z`. */
  readonly received_at: string;
  /** The same in the campaign's zone, without offset. */
  readonly received_at_local: string;
  readonly body_sha256: string;
  readonly status: string;
  readonly participant_ref: string | null;
  readonly kind: string;
  readonly stance: string | null;
  readonly audience: string | null;
  readonly language: string;
  readonly publication: string;
  readonly targets: { type: string; id: string }[];
  readonly section_number: string | null;
  readonly section_heading: string | null;
  /** Filing number of the contribution that it answers. */
  readonly answers: string | null;
  readonly title: string | null;
  readonly body: string | null;
  readonly proposed_wording: string | null;
  readonly quotes: (string | null)[] | null;
  readonly source_url: string | null;
  readonly source_category: string | null;
  readonly organisation: string | null;
  readonly author_name: string | null;
}

/**
 * Campaign $1, received before $2, local time in zone $3. Ordered by time of receipt, then by id: a UUID's order is that of its
 * bytes, hence of its lower-case text in collation "C".
 */
export const EXPORT_ROWS = `${WITH_PLACED}
  SELECT c.contribution_id, c.campaign_id, c.filing_number,
         to_char(c.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS received_at,
         to_char(c.received_at AT TIME ZONE $3, 'YYYY-MM-DD"T"HH24:MI:SS.MS') AS received_at_local,
         c.body_sha256, c.status, c.participant_ref, c.kind, c.stance, c.audience, c.language, c.publication, c.targets,
         section.number AS section_number, section.heading AS section_heading, parent.filing_number AS answers,
         c.title, c.body, c.proposed_wording, c.quotes, c.source_url, c.source_category, c.organisation, c.author_name
    FROM contribution AS c
    LEFT JOIN placed USING (contribution_id)
    LEFT JOIN document_node AS section ON section.campaign_id = c.campaign_id AND section.node_id = placed.section_id
    LEFT JOIN contribution AS parent ON parent.contribution_id = c.parent_id AND parent.campaign_id = c.campaign_id
   WHERE c.campaign_id = $1 AND c.received_at < $2
   ORDER BY c.received_at, c.contribution_id`;
