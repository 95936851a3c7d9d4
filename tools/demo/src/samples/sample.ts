import { z } from 'zod';

/** `opinion:61`, `argument:6130`, `source:415`: the source's own number, kept so that a difference can be looked up there. */
const sourceKey = z.templateLiteral([z.enum(['opinion', 'argument', 'source']), ':', z.int().positive()]);

/** What a participant of 2015 filed, as `samples/…/filings.ndjson` has it: one a line, in the order of arrival. */
export const sampleFiling = z.strictObject({
  key: sourceKey,
  /** To the second, at Paris time. */
  at: z.iso.datetime({ offset: true }),
  /** Pseudonym, the same for everything that one person filed. */
  author: z.string().min(1),
  kind: z.enum(['proposal', 'argument', 'evidence']),
  stance: z.enum(['support', 'oppose']).optional(),
  /** What it is about: one of these three. */
  on: z.union([
    z.strictObject({ /** Heading of a chapter of the bill. */ chapter: z.string() }),
    z.strictObject({ /** Heading of an article of the bill. */ article: z.string() }),
    z.strictObject({ /** Another filing, earlier in the file. */ filing: sourceKey }),
  ]),
  title: z.string().optional(),
  body: z.string().min(1),
  source: z.strictObject({ url: z.url(), category: z.string() }).optional(),
});
export type SampleFiling = z.infer<typeof sampleFiling>;
