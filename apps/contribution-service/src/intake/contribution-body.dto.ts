import { audience, bilingual, contributionKind, instant, language, publicationPreference, sha256Hex, stance, targetType } from '@cahier/contracts';
import { emailAddress, says } from '@cahier/platform';
import { z } from 'zod';

/** Longest texts, in Unicode code points. */
export const limits = { title: 300, body: 50_000, proposedWording: 20_000, quote: 2_000, name: 200, sourceUrl: 2_000, sourceCategory: 100, targets: 10 } as const;

/** A UTF-16 length is never below the number of code points: most texts need no counting. */
const fits = (text: string, max: number): boolean => text.length <= max || (text.length <= 2 * max && [...text].length <= max);

/** Plain text with line breaks, kept exactly as written. */
const text = (max: number) =>
  z.string()
    .refine((value) => /\S/u.test(value), says({ fr: 'Ne doit pas être vide', en: 'Must not be empty' }))
    .refine((value) => fits(value, max), says({ fr: `Au plus ${max} caractères`, en: `At most ${max} characters` }))
    .meta({ minLength: 1, maxLength: max });

/** As `text`, on one line. */
const line = (max: number) => text(max).refine((value) => !/\p{Cc}/u.test(value), says({ fr: 'Sur une seule ligne, sans caractère de contrôle', en: 'On one line, without control characters' }));

const webAddress = line(limits.sourceUrl).refine(isWebAddress, says({ fr: 'Une adresse http ou https', en: 'An http or https address' })).meta({ format: 'uri' });

function isWebAddress(value: string): boolean {
  if (/\s/u.test(value) || !/^https?:\/\//i.test(value)) return false;
  return URL.canParse(value) && new URL(value).hostname !== '';
}

/** What the public files. Unknown members are refused: nothing here can set a status, a date or somebody else's id. */
export const contributionBody = z
  .strictObject({
    kind: contributionKind,
    /** What it is about; empty for the consultation as a whole. */
    targets: z.array(z.strictObject({ type: targetType, id: z.uuid().toLowerCase(), quote: text(limits.quote).optional() })).max(limits.targets),
    stance: stance.optional(),
    title: line(limits.title).optional(),
    body: text(limits.body),
    /** The wording that the author would like to read instead. */
    proposedWording: text(limits.proposedWording).optional(),
    /** Of an evidence, and of nothing else. */
    source: z.strictObject({ url: webAddress, category: line(limits.sourceCategory).optional() }).optional(),
    audience: audience.optional(),
    organisation: line(limits.name).optional(),
    language: language.default('fr'),
    publication: z.strictObject({ preference: publicationPreference, authorName: line(limits.name).optional() }),
    /** Where the receipt goes. Never published, never shown to staff. */
    contact: z.strictObject({ email: emailAddress, consent: z.literal(true) }).optional(),
  })
  .refine(({ kind, source }) => (kind === 'evidence') === (source !== undefined), { path: ['source'], ...says({ fr: 'Nécessaire pour une preuve, et pour rien d’autre', en: 'Required of an evidence, and of nothing else' }) })
  .refine(({ publication }) => (publication.preference === 'named') === (publication.authorName !== undefined), {
    path: ['publication', 'authorName'],
    ...says({ fr: 'Nécessaire pour publier sous un nom, et pour rien d’autre', en: 'Required for publication under a name, and for nothing else' }),
  })
  .meta({ id: 'ContributionBody' });
export type ContributionBody = z.output<typeof contributionBody>;

/** 22 to 128 URL-safe characters; a UUID is among them. Shorter ones could be guessed, and a key hands out a receipt. */
export const idempotencyKey = z.string().regex(/^[\w~.-]{22,128}$/, { error: 'must be a UUID or 22 to 128 URL-safe characters' });

/** What the author keeps. A repetition of the request gets the same one. */
export const receipt = z.object({
  contributionId: z.uuid(),
  /** To be quoted in letters; has a check letter. Not a count. */
  filingNumber: z.string(),
  receivedAt: instant,
  /** Of the request body, byte for byte as received. */
  bodySha256: sha256Hex,
  /** Reads and withdraws this contribution. Keep it secret. */
  managementToken: z.string(),
  /** The service in charge (CRPA R.112-11-1). */
  responsibleService: z.object({ name: bilingual, email: z.email(), postalAddress: z.string(), telephone: z.string() }),
}).meta({ id: 'Receipt' });
export type Receipt = z.infer<typeof receipt>;
