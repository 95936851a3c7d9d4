import { WITH_PLACED } from './placed.statement.js';

/** What one result row of `COUNT_FIGURES` is grouped by. */
export type Grouping = 'all' | 'day' | 'hour' | 'section' | 'kind' | 'stance' | 'audience' | 'status' | 'section-kind' | 'section-stance';

export interface CountRow {
  readonly grouping: Grouping;
  readonly day: string | null;
  readonly hour: string | null;
  readonly section_id: string | null;
  readonly kind: string | null;
  readonly stance: string | null;
  readonly audience: string | null;
  readonly status: string | null;
  readonly contributions: number;
  readonly distinct_addresses: number;
}

/**
 * Everything that is counted of campaign $1 before the cut-off $2, days and hours in zone $3, in one pass over one snapshot:
 * no two figures of a report can disagree.
 */
export const COUNT_FIGURES = `${WITH_PLACED},
  counted AS (
    SELECT date_trunc('day', received_at AT TIME ZONE $3) AS day, date_trunc('hour', received_at AT TIME ZONE $3) AS hour,
           placed.section_id, kind, stance, audience, status, participant_ref
      FROM brief
      LEFT JOIN placed USING (contribution_id)
     WHERE received_at < $2
  )
  SELECT CASE GROUPING(day, hour, section_id, kind, stance, audience, status)
           WHEN ${mask()} THEN 'all'
           WHEN ${mask('day')} THEN 'day'
           WHEN ${mask('hour')} THEN 'hour'
           WHEN ${mask('section_id')} THEN 'section'
           WHEN ${mask('kind')} THEN 'kind'
           WHEN ${mask('stance')} THEN 'stance'
           WHEN ${mask('audience')} THEN 'audience'
           WHEN ${mask('status')} THEN 'status'
           WHEN ${mask('section_id', 'kind')} THEN 'section-kind'
           WHEN ${mask('section_id', 'stance')} THEN 'section-stance'
         END AS grouping,
         to_char(day, 'YYYY-MM-DD') AS day, to_char(hour, 'YYYY-MM-DD"T"HH24') AS hour, section_id, kind, stance, audience, status,
         count(*)::integer AS contributions,
         count(DISTINCT participant_ref)::integer AS distinct_addresses
    FROM counted
   GROUP BY GROUPING SETS ((), (day), (hour), (section_id), (kind), (stance), (audience), (status), (section_id, kind), (section_id, stance))`;

/** The value of GROUPING() for rows grouped by these columns: a bit is 0 where its column is grouped by. */
function mask(...grouped: string[]): number {
  return ['day', 'hour', 'section_id', 'kind', 'stance', 'audience', 'status'].reduce((bits, column) => bits * 2 + (grouped.includes(column) ? 0 : 1), 0);
}

/**
 * The headings of campaign $1 under which something may be counted, in the document's order. `expected`: sections, and chapters
 * that hold paragraphs directly; another chapter matters only once somebody has pointed to it as a whole.
 */
export const LIST_SECTIONS = `
  SELECT node_id, number, heading,
         kind = 'section' OR EXISTS (SELECT FROM document_node AS held WHERE held.campaign_id = node.campaign_id AND held.section_id = node.node_id AND held.kind = 'paragraph') AS expected
    FROM document_node AS node
   WHERE campaign_id = $1 AND kind IN ('chapter', 'section')
   ORDER BY position`;

export interface SectionRow {
  readonly node_id: string;
  readonly number: string;
  readonly heading: string | null;
  readonly expected: boolean;
}
