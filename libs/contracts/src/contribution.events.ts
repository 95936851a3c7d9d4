import { z } from 'zod';
import { defineEvent, instant } from './event.js';
import { defineTopic } from './topic.js';
import { audience, contributionKind, contributionStatus, language, publicationPreference, sha256Hex, stance, targetType } from './vocabulary.js';

export const contributionEvents = defineTopic({ name: 'contribution.events', publisher: 'contribution-service', key: 'contributionId' });

/** What remains countable of a contribution whatever becomes of it: no word of its author's. */
export const classification = z.object({
  kind: contributionKind,
  targets: z.array(z.object({ type: targetType, id: z.uuid() })),
  stance: stance.optional(),
  audience: audience.optional(),
  language,
  publication: publicationPreference,
});

/** The author's words. Present in `submitted` and `shown`; absent once hidden or withdrawn. */
export const authoredText = z.object({
  title: z.string().optional(),
  body: z.string(),
  proposedWording: z.string().optional(),
  /** Passages quoted from the targets, by position in `targets`; null where none was. */
  quotes: z.array(z.string().nullable()),
  /** Of an evidence. */
  source: z.object({ url: z.string(), category: z.string().optional() }).optional(),
  organisation: z.string().optional(),
  /** Present only with publication `named`. */
  authorName: z.string().optional(),
});

/** One contribution as it is after the event. */
export const contributionFacts = z.object({
  contributionId: z.uuid(),
  campaignId: z.uuid(),
  /** Human-friendly, with a check digit: what the receipt shows. Not a count. */
  filingNumber: z.string(),
  /** The database's clock at arrival; before closing by definition. */
  receivedAt: instant,
  /** Of the request body as received. */
  bodySha256: sha256Hex,
  status: contributionStatus,
  /** HMAC of the normalised address under a key of this campaign: distinct declared addresses can be counted, nobody looked up. Absent without an address. */
  participantRef: sha256Hex.optional(),
  /** JWE of a `SealedContact` for notification-service alone. Absent without an address. */
  sealedContact: z.string().optional(),
  classification,
  text: authoredText.optional(),
  /** What the publisher alone needs, to know the contribution again after a restore. Absent in what was said before it was added. */
  origin: z.object({
    /** Of `campaignId:Idempotency-Key`: a repeated request finds its receipt. */
    keySha256: sha256Hex,
    /** Version of the key behind the author's management token. */
    tokenKey: z.int().positive(),
  }).optional(),
});
export type ContributionFacts = z.infer<typeof contributionFacts>;

/** A contribution was accepted into an open campaign. Version 1 of its key. */
export const contributionSubmitted = defineEvent(contributionEvents, 'contribution.submitted.v1', contributionFacts.extend({ text: authoredText }));
/** Its author took it back before closing. */
export const contributionWithdrawn = defineEvent(contributionEvents, 'contribution.withdrawn.v1', contributionFacts.omit({ text: true }));
/** A moderator took it out of sight. */
export const contributionHidden = defineEvent(contributionEvents, 'contribution.hidden.v1', contributionFacts.omit({ text: true }).extend({ reason: z.string().min(1) }));
/** A moderator undid a hiding. */
export const contributionShown = defineEvent(contributionEvents, 'contribution.shown.v1', contributionFacts.extend({ text: authoredText, reason: z.string().min(1) }));
