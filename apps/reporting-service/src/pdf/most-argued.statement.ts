import { WITH_PLACED } from '../figures/placed.statement.js';

/** A contribution that may be quoted, with how many arguments and sources it drew. */
export interface ArguedRow {
  readonly section_id: string | null;
  readonly filing_number: string;
  readonly kind: string;
  readonly title: string | null;
  /** The beginning; enough for any excerpt. */
  readonly body: string;
  readonly author_name: string | null;
  readonly organisation: string | null;
  readonly publication: string;
  readonly answers: number;
  readonly support: number;
  readonly oppose: number;
  readonly evidence: number;
}

/**
 * Of campaign $1 before $2, at most $3 for each section: what drew the most arguments and sources. Only what its author lets be
 * published and nobody hid is quoted; only visible answers are counted. Equal ones in order of receipt.
 */
export const MOST_ARGUED = `${WITH_PLACED},
  answered AS (
    SELECT parent_id AS contribution_id, count(*)::integer AS answers,
           (count(*) FILTER (WHERE kind = 'argument' AND stance IN ('support', 'support-with-reservation')))::integer AS support,
           (count(*) FILTER (WHERE kind = 'argument' AND stance = 'oppose'))::integer AS oppose,
           (count(*) FILTER (WHERE kind = 'evidence'))::integer AS evidence
      FROM brief
     WHERE received_at < $2 AND parent_id IS NOT NULL AND status = 'filed' AND kind IN ('argument', 'evidence')
     GROUP BY parent_id
  ),
  ranked AS (
    SELECT placed.section_id, c.filing_number, c.kind, c.title, left(c.body, 4000) AS body, c.author_name, c.organisation, c.publication, answers, support, oppose, evidence,
           row_number() OVER (PARTITION BY placed.section_id ORDER BY answers DESC, c.received_at, c.contribution_id) AS rank
      FROM answered
      JOIN contribution AS c USING (contribution_id)
      LEFT JOIN placed USING (contribution_id)
     WHERE c.campaign_id = $1 AND c.received_at < $2 AND c.status = 'filed' AND c.publication <> 'not-published' AND c.kind IN ('proposal', 'remark', 'opinion')
  )
  SELECT section_id, filing_number, kind, title, body, author_name, organisation, publication, answers, support, oppose, evidence
    FROM ranked WHERE rank <= $3 ORDER BY section_id, rank`;
