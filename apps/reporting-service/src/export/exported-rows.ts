import { LIST_SECTIONS, type SectionRow } from '../figures/figures.statement.js';
import { valuesOf } from './copied-lines.js';
import { EXPORT_ROWS, exportedRowOf, PLACED_ROWS, type ExportedRow } from './exported-row.statement.js';
import type { Snapshot } from './snapshot.js';

export interface ExportScope {
  readonly campaignId: string;
  /** ISO 8601; what was received then or later is left out. */
  readonly cutoff: string;
  /** IANA zone. */
  readonly zone: string;
}

/**
 * What a campaign received before the cut-off, in the order of receipt, as fast as the reader takes it.
 *
 * Two readings of one snapshot side by side: the texts come as their index has them, and at once; where each belongs is worked
 * out and sorted without them. Joined in PostgreSQL they took half as much again, and the first row came last.
 */
export async function* exportedRows({ query, copy }: Snapshot, { campaignId, cutoff, zone }: ExportScope): AsyncGenerator<Iterable<ExportedRow>> {
  const sections = new Map((await query<SectionRow>(LIST_SECTIONS, [campaignId])).map((section) => [section.node_id, section]));
  const placed = copy(PLACED_ROWS, [campaignId, cutoff]);
  let places: string[] = [];
  try {
    for await (const rows of copy(EXPORT_ROWS, [campaignId, cutoff, zone], { byIndex: true })) {
      while (places.length < rows.length) places = places.concat(await next(placed));
      yield paired(rows, places.splice(0, rows.length), sections);
    }
  } finally {
    await placed.return();
  }
}

async function next(placed: AsyncGenerator<string[], void, undefined>): Promise<string[]> {
  const { value } = await placed.next();
  if (!value) throw new Error('There are more contributions than places');
  return value;
}

function* paired(rows: readonly string[], places: readonly string[], sections: ReadonlyMap<string | null, SectionRow>): Generator<ExportedRow> {
  for (const [n, row] of rows.entries()) {
    const values = valuesOf(row);
    const [contributionId, sectionId, answers] = valuesOf(places[n]!);
    // Both are of one snapshot and in one order: a difference is a bug of ours, and no report.
    if (contributionId !== values[0]) throw new Error(`${values[0]} was given the place of ${contributionId}`);
    const section = sections.get(sectionId!);
    yield exportedRowOf(values, { section_number: section?.number ?? null, section_heading: section?.heading ?? null, answers: answers! });
  }
}
