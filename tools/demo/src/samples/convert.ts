import { convert } from 'html-to-text';
import TurndownService from 'turndown';
import { z } from 'zod';
import type { SampleFiling } from './sample.js';

const entry = { id: z.int(), created_at: z.string(), body: z.string(), author: z.object({ pseudonym: z.string() }) };

/** One line of the source, as far as it is used. */
export const opinion = z.object({
  ...entry,
  title: z.string(),
  type: z.object({ id: z.int(), subtitle: z.string() }),
  arguments: z.array(z.object({ ...entry, type: z.literal([0, 1]) })),
  sources: z.array(z.object({ ...entry, title: z.string(), link: z.string(), category: z.string() })),
});
export type Opinion = z.infer<typeof opinion>;

const isArticle = ({ author }: Opinion): boolean => author.pseudonym === 'gouvernement';

/** The bill as Markdown: `#` a section of the source, `##` an article, then its paragraphs, all in the source's order of numbers. */
export function billOf(opinions: readonly Opinion[]): string {
  const markdown = new TurndownService({ headingStyle: 'atx', bulletListMarker: '-' });
  const articles = opinions.filter(isArticle).sort((one, other) => one.type.id - other.type.id || one.id - other.id);
  const parts = articles.flatMap(({ title, body, type }, position) => [
    ...(articles[position - 1]?.type.id === type.id ? [] : [`# ${type.subtitle}`]),
    `## ${title}`,
    markdown.turndown(body),
  ]);
  return `${parts.join('\n\n')}\n`;
}

/** Everything that participants filed, in the order of arrival; of those of one second, what is answered comes before its answers. */
export function filingsOf(opinions: readonly Opinion[]): SampleFiling[] {
  return opinions
    .flatMap((about) => [...(isArticle(about) ? [] : [proposal(about)]), ...answers(about)])
    .map((filing, position) => ({ filing, position, at: Date.parse(filing.at) }))
    .sort((one, other) => one.at - other.at || one.position - other.position)
    .map(({ filing }) => filing);
}

function proposal({ id, created_at, author, title, body, type }: Opinion): SampleFiling {
  return { key: `opinion:${id}`, at: isoOf(created_at), author: author.pseudonym, kind: 'proposal', on: { chapter: type.subtitle }, title, body: plainText(body) };
}

function answers(about: Opinion): SampleFiling[] {
  const on = isArticle(about) ? { article: about.title } : { filing: `opinion:${about.id}` as const };
  return [
    // As written: participants typed arguments and sources as plain text, some with a lone <br> in it.
    ...about.arguments.map(({ id, created_at, author, type, body }): SampleFiling => ({
      key: `argument:${id}`, at: isoOf(created_at), author: author.pseudonym, kind: 'argument', stance: type === 1 ? 'support' : 'oppose', on, body,
    })),
    ...about.sources.map(({ id, created_at, author, title, body, link, category }): SampleFiling => ({
      key: `source:${id}`, at: isoOf(created_at), author: author.pseudonym, kind: 'evidence', on, title, body, source: { url: link, category },
    })),
  ];
}

/** Proposals came from a rich-text editor; seven of them from a plain field. */
function plainText(body: string): string {
  if (!/<\w/.test(body)) return body;
  return convert(body, {
    wordwrap: false,
    selectors: [
      { selector: 'img', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  });
}

/** `2015-09-26T02:27:54+0200`, as the source writes it, with the colon that ISO 8601's extended form wants. */
const isoOf = (instant: string): string => instant.replace(/(\d\d)(\d\d)$/, '$1:$2');
