import { z } from 'zod';
import { defineEvent, instant } from './event.js';
import { defineTopic } from './topic.js';
import { contributionKind, reportKind, sha256Hex, stance } from './vocabulary.js';

export const reportEvents = defineTopic({ name: 'report.events', publisher: 'reporting-service', key: 'reportId' });

const reportRef = z.object({
  reportId: z.uuid(),
  campaignId: z.uuid(),
  kind: reportKind,
  /** Such as CAHIER-2026-0001; the same for every version of one report. */
  number: z.string(),
  version: z.int().positive(),
});

/** The figures a committee reads first. */
export const headlineFigures = z.object({
  /** Accepted by the cut-off, whatever became of them. */
  contributions: z.int().nonnegative(),
  withdrawn: z.int().nonnegative(),
  hidden: z.int().nonnegative(),
  /** Distinct declared addresses among those that gave one. */
  distinctAddresses: z.int().nonnegative(),
  byKind: z.partialRecord(contributionKind, z.int().nonnegative()),
  byStance: z.partialRecord(stance, z.int().nonnegative()),
});

/** All files are in the report store, read back and checked. */
export const reportPublished = defineEvent(reportEvents, 'report.published.v1', reportRef.extend({
  /** Contributions received before this instant are in it. */
  cutoff: instant,
  headline: headlineFigures,
  files: z.array(z.object({
    name: z.string(),
    mediaType: z.string(),
    bytes: z.int().nonnegative(),
    sha256: sha256Hex,
    /** Contributions in the file, where it lists them. */
    rows: z.int().nonnegative().optional(),
  })),
}));
/** The closing report waits for contributions that the seal counts and the projection has not. */
export const reportAwaiting = defineEvent(reportEvents, 'report.awaiting.v1', reportRef.extend({ missing: z.int() }));
/** No file was published; the cause is in words for staff. */
export const reportFailed = defineEvent(reportEvents, 'report.failed.v1', reportRef.extend({ cause: z.string().min(1) }));
