import { audience, authoredText, classification, contributionKind, contributionStatus, instant, language, sha256Hex, stance, targetType } from '@cahier/contracts';
import { z } from 'zod';

const id = z.uuid().toLowerCase();

export const contributionParams = z.object({ contributionId: id });
export type ContributionParams = z.infer<typeof contributionParams>;

/** A page of a list, newest first. */
export const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  /** `next` of the page before. */
  cursor: z.string().max(500).optional(),
});
export type ListQuery = z.output<typeof listQuery>;

/** Where a page ends: signed by us, so that it can only be one that we gave. */
export const listPosition = z.strictObject({ campaignId: id, receivedAt: instant, contributionId: id });

/** What everybody may read of a contribution, and nothing else. */
export const publicContribution = z.object({
  contributionId: z.uuid(),
  receivedAt: instant,
  kind: contributionKind,
  targets: z.array(z.object({ type: targetType, id: z.uuid(), quote: z.string().optional() })),
  stance: stance.optional(),
  title: z.string().optional(),
  body: z.string(),
  proposedWording: z.string().optional(),
  source: z.object({ url: z.string(), category: z.string().optional() }).optional(),
  audience: audience.optional(),
  language,
  /** With the organisation, only where the author chose to be named. */
  authorName: z.string().optional(),
  organisation: z.string().optional(),
}).meta({ id: 'PublicContribution' });
export type PublicContribution = z.infer<typeof publicContribution>;

export const publicContributions = z.object({
  contributions: z.array(publicContribution),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
}).meta({ id: 'PublicContributions' });
export type PublicContributions = z.infer<typeof publicContributions>;

/** A contribution as its author sees it. */
export const ownContribution = z.object({
  contributionId: z.uuid(),
  campaignId: z.uuid(),
  campaignTitle: z.object({ fr: z.string(), en: z.string() }),
  filingNumber: z.string(),
  receivedAt: instant,
  bodySha256: sha256Hex,
  status: contributionStatus,
  /** When the status last changed. */
  changedAt: instant,
  /** The first instant at which it can no longer be withdrawn. */
  withdrawableUntil: instant,
  withdrawable: z.boolean(),
  classification,
  /** Absent once withdrawn. */
  text: authoredText.optional(),
}).meta({ id: 'OwnContribution' });
export type OwnContribution = z.infer<typeof ownContribution>;

/** A contribution as moderators see it: never an address. */
export const staffContribution = z.object({
  contributionId: z.uuid(),
  campaignId: z.uuid(),
  filingNumber: z.string(),
  receivedAt: instant,
  bodySha256: sha256Hex,
  status: contributionStatus,
  version: z.int().positive(),
  classification,
  text: authoredText.optional(),
  moderation: z.array(z.object({ action: z.enum(['hide', 'show']), reason: z.string(), by: z.string(), at: instant })),
}).meta({ id: 'StaffContribution' });
export type StaffContribution = z.infer<typeof staffContribution>;

export const moderationBody = z.strictObject({
  /** Sent to the author and kept with the moderator's name. */
  reason: z.string().trim().min(1).max(2_000),
}).meta({ id: 'ModerationBody' });
export type ModerationBody = z.infer<typeof moderationBody>;

const token = z.string().max(200).default('');

export const manageQuery = z.object({ token });
export type ManageQuery = z.output<typeof manageQuery>;

export const withdrawalForm = z.strictObject({ token });
export type WithdrawalForm = z.output<typeof withdrawalForm>;
