import { createHash } from 'node:crypto';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { toString } from 'mdast-util-to-string';
import { gfm } from 'micromark-extension-gfm';
import type { Nodes, RootContent } from 'mdast';
import { DocumentRefused } from './document.errors.js';

/** One node of the consulted document, before it has an id. */
export interface OutlineNode {
  readonly kind: 'chapter' | 'section' | 'paragraph';
  /** Index in the list of the node that holds it; undefined for a chapter. */
  readonly parent: number | undefined;
  readonly number: string;
  readonly heading: string | undefined;
  /** Of a paragraph: plain text with line breaks. */
  readonly text: string | undefined;
  /** SHA-256 of kind and words: equal exactly when the words are. */
  readonly hash: string;
}

/** More would not fit one event (2 MiB). */
const MAX_NODES = 4_000;

const hashOf = (kind: string, words: string): string => createHash('sha256').update(`${kind}\n${words}`).digest('hex');

/**
 * Chapters, sections and paragraphs of a Markdown text (CommonMark with GFM).
 *
 * The highest heading level that occurs makes chapters, the one below sections; deeper headings are paragraphs of their own.
 * Every block below a heading is a paragraph: a list is one for each item, a table one for each row, a quotation one for each block in it.
 * HTML keeps its text and loses its tags. Text before the first heading belongs to a chapter without a number.
 * @throws DocumentRefused, with the line, for a text without paragraphs or with more than 4 000 nodes.
 */
export function outlineOf(markdown: string): OutlineNode[] {
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const top = Math.min(6, ...tree.children.flatMap((node) => (node.type === 'heading' ? [node.depth] : [])));
  const outline = new Outline();
  for (const block of tree.children) {
    if (block.type === 'heading' && block.depth === top) outline.chapter(words(block));
    else if (block.type === 'heading' && block.depth === top + 1) outline.section(words(block));
    else for (const text of paragraphsOf(block)) outline.paragraph(text, block.position?.start.line ?? 1);
  }
  if (!outline.nodes.some(({ kind }) => kind === 'paragraph')) {
    throw new DocumentRefused({ fr: 'Le document ne contient aucun paragraphe.', en: 'The document has no paragraph.' }, { line: markdown.split('\n').length });
  }
  return outline.nodes;
}

class Outline {
  readonly nodes: OutlineNode[] = [];
  private chapters = 0;
  private sections = 0;
  private paragraphs = 0;
  private chapterAt: number | undefined;
  private sectionAt: number | undefined;

  chapter(heading: string): void {
    this.chapters++;
    this.sections = this.paragraphs = 0;
    this.sectionAt = undefined;
    this.chapterAt = this.add('chapter', undefined, [this.chapters], heading);
  }

  section(heading: string): void {
    if (this.chapterAt === undefined) this.chapter('');
    this.sections++;
    this.paragraphs = 0;
    this.sectionAt = this.add('section', this.chapterAt, [this.chapters, this.sections], heading);
  }

  paragraph(text: string, line: number): void {
    if (this.chapterAt === undefined) this.chapterAt = this.add('chapter', undefined, [this.chapters], '');
    this.paragraphs++;
    this.add('paragraph', this.sectionAt ?? this.chapterAt, [this.chapters, ...(this.sectionAt === undefined ? [] : [this.sections]), this.paragraphs], undefined, text);
    if (this.nodes.length > MAX_NODES) throw new DocumentRefused({ fr: `Le document dépasse ${MAX_NODES} éléments.`, en: `The document has more than ${MAX_NODES} nodes.` }, { line });
  }

  private add(kind: OutlineNode['kind'], parent: number | undefined, number: number[], heading: string | undefined, text?: string): number {
    return this.nodes.push({ kind, parent, number: number.join('.'), heading, text, hash: hashOf(kind, heading ?? text ?? '') }) - 1;
  }
}

const words = (node: Nodes): string => textOf(node).replace(/[ \t]+/g, ' ').trim();

/** Inline HTML and HTML blocks lose their tags; what is between them stays. */
function textOf(node: Nodes): string {
  if (node.type === 'html') return node.value.replace(/<[^>]*>/g, ' ');
  if (node.type === 'break') return '\n';
  if ('children' in node) return node.children.map(textOf).join('');
  return toString(node);
}

function paragraphsOf(block: RootContent): string[] {
  switch (block.type) {
    case 'list':
    case 'blockquote':
      return block.children.flatMap((child) => (child.type === 'listItem' ? itemOf(child.children) : paragraphsOf(child)));
    case 'table':
      return block.children.map((row) => row.children.map(words).join(' | ')).filter(Boolean);
    case 'code':
      return [block.value].filter(Boolean);
    case 'thematicBreak':
    case 'definition':
      return [];
    default:
      return [words(block)].filter(Boolean);
  }
}

/** An item's own text is one paragraph, what is nested in it follows. */
function itemOf(blocks: readonly RootContent[]): string[] {
  return blocks.flatMap(paragraphsOf);
}
