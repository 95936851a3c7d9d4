import { audience, contributionKind, stance } from '@cahier/contracts';
import type { Query } from '../projections/campaign.queries.js';
import { definitions } from './definitions.js';
import type { Figures, SectionFigures } from './figures.dto.js';
import { COUNT_FIGURES, LIST_SECTIONS, type CountRow, type Grouping, type SectionRow } from './figures.statement.js';

export interface FiguresScope {
  readonly campaignId: string;
  readonly cutoff: Date;
  readonly opensAt: Date | null;
  readonly closesAt: Date | null;
  /** IANA zone. */
  readonly zone: string;
}

/** The one place where contributions are counted: API, report and their JSON say the same. */
export async function countFigures(query: Query, { campaignId, cutoff, opensAt, closesAt, zone }: FiguresScope): Promise<Figures> {
  const rows = await query<CountRow>(COUNT_FIGURES, [campaignId, cutoff, zone]);
  const sections = await query<SectionRow>(LIST_SECTIONS, [campaignId]);
  const until = closesAt !== null && closesAt < cutoff ? closesAt : cutoff;
  const by = (grouping: Grouping) => rows.filter((row) => row.grouping === grouping);
  const status = (name: string) => by('status').find((row) => row.status === name)?.contributions ?? 0;
  const total = by('all')[0];

  return {
    campaignId,
    cutoff: cutoff.toISOString(),
    zone,
    ...countsOf(total),
    withdrawn: status('withdrawn'),
    hidden: status('hidden'),
    byDay: daysOf(by('day'), opensAt, until, zone),
    byHour: by('hour').map((row) => ({ hour: row.hour!, ...countsOf(row) })).sort((a, b) => (a.hour < b.hour ? -1 : 1)),
    bySection: sectionsOf(by('section'), by('section-kind'), by('section-stance'), sections),
    byKind: present(contributionKind.options, by('kind'), (row) => row.kind).map(([kind, counts]) => ({ kind, ...counts })),
    byStance: withNone(stance.options, by('stance'), (row) => row.stance).map(([name, counts]) => ({ stance: name, ...counts })),
    byAudience: withNone(audience.options, by('audience'), (row) => row.audience).map(([name, counts]) => ({ audience: name, ...counts })),
    definitions,
  };
}

interface Counts {
  contributions: number;
  distinctAddresses: number;
}

const countsOf = (row: CountRow | undefined): Counts => ({ contributions: row?.contributions ?? 0, distinctAddresses: row?.distinct_addresses ?? 0 });

/** In the vocabulary's order, those that occur. */
function present<Name extends string>(vocabulary: readonly Name[], rows: readonly CountRow[], nameOf: (row: CountRow) => string | null): [Name, Counts][] {
  return vocabulary.flatMap((name) => {
    const row = rows.find((candidate) => nameOf(candidate) === name);
    return row ? [[name, countsOf(row)] as [Name, Counts]] : [];
  });
}

/** As `present`, and last those that state none. */
function withNone<Name extends string>(vocabulary: readonly Name[], rows: readonly CountRow[], nameOf: (row: CountRow) => string | null): [Name | null, Counts][] {
  const none = rows.find((row) => nameOf(row) === null);
  return [...present(vocabulary, rows, nameOf), ...(none ? [[null, countsOf(none)] as [null, Counts]] : [])];
}

function sectionsOf(counted: readonly CountRow[], kinds: readonly CountRow[], stances: readonly CountRow[], sections: readonly SectionRow[]): SectionFigures[] {
  const figuresOf = (sectionId: string | null): Pick<SectionFigures, 'contributions' | 'distinctAddresses' | 'byKind' | 'byStance'> => ({
    ...countsOf(counted.find((row) => row.section_id === sectionId)),
    byKind: Object.fromEntries(present(contributionKind.options, inSection(kinds, sectionId), (row) => row.kind).map(([kind, { contributions }]) => [kind, contributions])),
    byStance: Object.fromEntries(present(stance.options, inSection(stances, sectionId), (row) => row.stance).map(([name, { contributions }]) => [name, contributions])),
  });
  const known = sections
    .filter(({ node_id, expected }) => expected || counted.some((row) => row.section_id === node_id))
    .map(({ node_id, number, heading }) => ({ sectionId: node_id, number, heading, ...figuresOf(node_id) }));
  const without = { sectionId: null, number: null, heading: null, ...figuresOf(null) };
  return without.contributions > 0 ? [...known, without] : known;
}

const inSection = (rows: readonly CountRow[], sectionId: string | null) => rows.filter((row) => row.section_id === sectionId);

/** Every day of the window up to the cut-off: a quiet day is a fact too. */
function daysOf(rows: readonly CountRow[], opensAt: Date | null, until: Date, zone: string): Figures['byDay'] {
  const counted = new Map(rows.map((row) => [row.day!, countsOf(row)]));
  const days = [...counted.keys()];
  if (opensAt !== null && opensAt < until) days.push(localDay(opensAt, zone), localDay(new Date(until.getTime() - 1), zone));
  days.sort();
  const all: Figures['byDay'] = [];
  for (let day = days[0]; day !== undefined && day <= days.at(-1)!; day = dayAfter(day)) all.push({ day, ...(counted.get(day) ?? countsOf(undefined)) });
  return all;
}

/** YYYY-MM-DD. */
function localDay(at: Date, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
