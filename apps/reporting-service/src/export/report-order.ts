import type { DataOf, reportPublished, ReportKind } from '@cahier/contracts';

type Publication = DataOf<typeof reportPublished>;
export type ReportFile = Publication['files'][number];
export type Headline = Publication['headline'];

/** What shapes a report beside its data; kept with it, so that it can be made again. */
export interface ReportParameters {
  /** Most argued proposals printed for each section. */
  readonly proposalsPerSection: number;
  /** Longest excerpt of a contribution, in Unicode code points. */
  readonly excerptCodePoints: number;
}

/** All that making a report takes; plain data, so that it can go to another process. */
export interface ReportOrder {
  readonly reportId: string;
  readonly campaignId: string;
  readonly kind: ReportKind;
  readonly number: string;
  readonly version: number;
  /** UTC. */
  readonly cutoff: string;
  readonly parameters: ReportParameters;
  readonly databaseUrl: string;
  /** Absolute; does not exist yet, its parent does. */
  readonly folder: string;
}

/** How making ended. Only `made` leaves files that count. */
export type Outcome =
  | { readonly outcome: 'made'; readonly files: ReportFile[]; readonly headline: Headline }
  /** The snapshot is not what was sealed. */
  | { readonly outcome: 'mismatch'; readonly cause: string }
  /** It would end so again. */
  | { readonly outcome: 'failed'; readonly cause: string }
  /** Given back by a maker that stops in good order. */
  | { readonly outcome: 'released' }
  /** There is no place for its files: it waits as long as it takes. */
  | { readonly outcome: 'postponed'; readonly cause: string }
  /** Chance: a crash, a database that was away. */
  | { readonly outcome: 'interrupted'; readonly cause: string };

/** There is no place for files now, for a reason that is not the report's: it waits. */
export class NoPlace extends Error {}

const NO_PLACE = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** What prevented a report, as an outcome: the fault of nobody, of the moment, or its own. */
export function outcomeOf(error: unknown, isUnavailable: (error: unknown) => boolean): Outcome {
  const cause = (error instanceof Error ? error.message : String(error)).slice(0, 500);
  if (error instanceof NoPlace || (error instanceof Error && 'code' in error && NO_PLACE.has(String(error.code)))) return { outcome: 'postponed', cause };
  return { outcome: isUnavailable(error) ? 'interrupted' : 'failed', cause };
}
