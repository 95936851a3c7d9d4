import { z } from 'zod';

/** Words that several services and the API share. One spelling each; French labels live with the pages, mails and reports that show them. */

export const language = z.enum(['fr', 'en']);
export type Language = z.infer<typeof language>;

/** A text in both languages of the interface, French first. */
export const bilingual = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) });
export type Bilingual = z.infer<typeof bilingual>;

/** *Concertation*: dialogue while the content may change; *consultation*: an opinion is asked. */
export const campaignKind = z.enum(['concertation', 'consultation', 'feedback']);
export type CampaignKind = z.infer<typeof campaignKind>;

export const campaignState = z.enum(['draft', 'scheduled', 'open', 'suspended', 'closed', 'published', 'archived', 'cancelled']);
export type CampaignState = z.infer<typeof campaignState>;

/** *Public visé*: in what capacity somebody contributes. */
export const audience = z.enum([
  'citizen', 'patient', 'service-user', 'health-professional', 'health-organisation', 'digital-health-company', 'institution', 'association', 'other',
]);
export type Audience = z.infer<typeof audience>;

export const contributionKind = z.enum(['proposal', 'remark', 'argument', 'evidence', 'opinion']);
export type ContributionKind = z.infer<typeof contributionKind>;

export const stance = z.enum(['support', 'support-with-reservation', 'neutral', 'oppose']);
export type Stance = z.infer<typeof stance>;

/** What a contribution is about. Sections and paragraphs have the ids of `document.published.v1`. */
export const targetType = z.enum(['section', 'paragraph', 'contribution']);
export type TargetType = z.infer<typeof targetType>;

export const publicationPreference = z.enum(['named', 'anonymous', 'not-published']);
export type PublicationPreference = z.infer<typeof publicationPreference>;

/** *filed*: as received; *hidden* by a moderator; *withdrawn* by its author. */
export const contributionStatus = z.enum(['filed', 'hidden', 'withdrawn']);
export type ContributionStatus = z.infer<typeof contributionStatus>;

export const nodeKind = z.enum(['chapter', 'section', 'paragraph']);
export type NodeKind = z.infer<typeof nodeKind>;

export const dispatchState = z.enum([
  'pending', 'sending', 'sent', 'bounced', 'suppressed', 'unsubscribed', 'indeterminate', 'expired', 'failed',
]);
export type DispatchState = z.infer<typeof dispatchState>;

/** What a mail says; with the subject id and the recipient, the identity of one dispatch. */
export const mailingKind = z.enum(['confirmation', 'receipt', 'withdrawal', 'moderation', 'opening', 'reminder', 'deadline-extended', 'closing', 'cancellation', 'report']);
export type MailingKind = z.infer<typeof mailingKind>;

export const reportKind = z.enum(['closing', 'interim']);
export type ReportKind = z.infer<typeof reportKind>;

/** Lower-case hexadecimal SHA-256. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
