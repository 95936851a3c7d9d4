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

const EXPRESSIONS = {
  contribution_id: 'c.contribution_id',
  campaign_id: 'c.campaign_id',
  filing_number: 'c.filing_number',
  received_at: `c.received_at AT TIME ZONE 'UTC'`,
  received_at_local: 'c.received_at AT TIME ZONE $3',
  body_sha256: 'c.body_sha256',
  status: 'c.status',
  participant_ref: 'c.participant_ref',
  kind: 'c.kind',
  stance: 'c.stance',
  audience: 'c.audience',
  language: 'c.language',
  publication: 'c.publication',
  targets: 'c.targets',
  title: 'c.title',
  body: 'c.body',
  proposed_wording: 'c.proposed_wording',
  quotes: 'c.quotes',
  source_url: 'c.source_url',
  source_category: 'c.source_category',
  organisation: 'c.organisation',
  author_name: 'c.author_name',
} satisfies Record<Exclude<keyof ExportedRow, keyof Place>, string>;

/** Where a contribution is counted, and what it answers. */
export type Place = Pick<ExportedRow, 'section_number' | 'section_heading' | 'answers'>;

/**
 * Campaign $1, received before $2, local time in zone $3. Ordered by time of receipt, then by id: a UUID's order is that of its
 * bytes, hence of its lower-case text in collation "C".
 */
export const EXPORT_ROWS = `
  SELECT ${Object.values(EXPRESSIONS).join(', ')}
    FROM contribution AS c
   WHERE campaign_id = $1 AND received_at < $2
   ORDER BY received_at, contribution_id`;

/** Of the same contributions in the same order: id, the section under which it is counted, filing number of what it answers. */
export const PLACED_ROWS = `${WITH_PLACED}
  SELECT brief.contribution_id, placed.section_id, parent.filing_number
    FROM brief
    LEFT JOIN placed USING (contribution_id)
    LEFT JOIN brief AS parent ON parent.contribution_id = brief.parent_id
   WHERE brief.received_at < $2
   ORDER BY brief.received_at, brief.contribution_id`;

type Own = keyof typeof EXPRESSIONS;

const POSITION = Object.fromEntries(Object.keys(EXPRESSIONS).map((name, n) => [name, n])) as Record<Own, number>;

/** @param values of one row of `EXPORT_ROWS`, as PostgreSQL's text. */
export function exportedRowOf(values: readonly (string | null)[], { section_number, section_heading, answers }: Place): ExportedRow {
  const given = (name: Own): string | null => values[POSITION[name]] ?? null;
  const always = (name: Own): string => values[POSITION[name]]!;
  const quotes = given('quotes');
  return {
    contribution_id: always('contribution_id'),
    campaign_id: always('campaign_id'),
    filing_number: always('filing_number'),
    received_at: `${instant(always('received_at'))}Z`,
    received_at_local: instant(always('received_at_local')),
    body_sha256: always('body_sha256'),
    status: always('status'),
    participant_ref: given('participant_ref'),
    kind: always('kind'),
    stance: given('stance'),
    audience: given('audience'),
    language: always('language'),
    publication: always('publication'),
    targets: fromJson(always('targets')) as ExportedRow['targets'],
    section_number,
    section_heading,
    answers,
    title: given('title'),
    body: given('body'),
    proposed_wording: given('proposed_wording'),
    quotes: quotes === null ? null : (fromJson(quotes) as ExportedRow['quotes']),
    source_url: given('source_url'),
    source_category: given('source_category'),
    organisation: given('organisation'),
    author_name: given('author_name'),
  };
}

const NONE: readonly never[] = [];
const fromJson = (json: string): unknown => (json === '[]' ? NONE : JSON.parse(json));

/** `2026-03-02 09:00:00.5` → `2026-03-02T09:00:00.500`. */
const instant = (timestamp: string): string => `${timestamp.slice(0, 10)}T${timestamp.slice(11, 19)}.${timestamp.slice(20, 23).padEnd(3, '0')}`;
