import { headlineFigures, instant, reportKind, sha256Hex } from '@cahier/contracts';
import { z } from 'zod';

const file = z.object({
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int().nonnegative(),
  sha256: sha256Hex,
  /** Contributions in the file, where it lists them. */
  rows: z.int().nonnegative().optional(),
  /** Where to download it. */
  url: z.url(),
});

/** One version of a report, from the order to its files. */
export const reportView = z
  .object({
    reportId: z.uuid(),
    campaignId: z.uuid(),
    kind: reportKind,
    number: z.string(),
    version: z.int().positive(),
    /** Made before the intake was sealed: marked *provisoire*. */
    provisional: z.boolean(),
    state: z.enum(['awaiting', 'queued', 'running', 'published', 'failed', 'mismatch']),
    cutoff: instant,
    requestedAt: instant,
    publishedAt: instant.nullable(),
    /** While awaiting: contributions that the seal counts and the projection has not. */
    missing: z.int(),
    /** Of a failure or a mismatch, in words. */
    cause: z.string().nullable(),
    headline: headlineFigures.nullable(),
    /** Empty until published. */
    files: z.array(file),
  })
  .meta({ id: 'Report' });
export type ReportView = z.infer<typeof reportView>;

export const reportList = z.object({ items: z.array(reportView), next: z.string().nullable() }).meta({ id: 'ReportList' });
export type ReportList = z.infer<typeof reportList>;

/** A report made again, beside what was recorded of it. */
export const reportComparison = z
  .object({
    /** *queued*: a failed one is being made once more. */
    outcome: z.enum(['identical', 'different', 'queued']),
    /** Why it could not be made again, in words. */
    cause: z.string().nullable(),
    /** SHA-256, in the manifest and the record, of what the store holds, and made again; null where there is none. */
    files: z.array(z.object({ name: z.string(), recorded: sha256Hex, stored: sha256Hex.nullable(), madeAgain: sha256Hex.nullable() })),
  })
  .meta({ id: 'ReportComparison' });
export type ReportComparison = z.infer<typeof reportComparison>;

/** What the public sees of a published report. */
export const publicReport = reportView.pick({ reportId: true, kind: true, number: true, version: true, cutoff: true, headline: true, files: true }).meta({ id: 'PublicReport' });
export type PublicReport = z.infer<typeof publicReport>;
export const publicReports = z.object({ items: z.array(publicReport) });

export const interimBody = z.strictObject({ cutoff: instant.optional() }).meta({ id: 'InterimReportOrder' });
export type InterimBody = z.infer<typeof interimBody>;

export const campaignParams = z.strictObject({ campaignId: z.uuid() });
export type CampaignParams = z.infer<typeof campaignParams>;
export const reportParams = z.strictObject({ reportId: z.uuid() });
export type ReportParams = z.infer<typeof reportParams>;
export const fileParams = z.strictObject({ reportId: z.uuid(), name: z.string().regex(/^[a-z0-9.-]{1,60}$/) });
export type FileParams = z.infer<typeof fileParams>;
export const listFilter = z.strictObject({ campaignId: z.uuid().optional(), limit: z.coerce.number().int().min(1).max(100).default(50), cursor: z.string().optional() });
export type ListFilter = z.infer<typeof listFilter>;
/** A signed link's token; longer than any that we make is none of ours. */
export const linkQuery = z.strictObject({ token: z.string().max(2_000).optional() });
export type LinkQuery = z.infer<typeof linkQuery>;
