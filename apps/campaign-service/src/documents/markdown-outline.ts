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

/** Of the text. The route takes a little more, so that the refusal can name the line. */
const MAX_BYTES = 5 * 1024 * 1024;
const MAX_NODES = 4_000;
/** Of quotations and lists in one another, on one line. */
const MAX_DEPTH = 100;
/** Of the sum, over blocks, of their marks squared: what the parser's work grows with. A usual document stays under a hundredth. */
const MAX_WORK = 100_000_000;
/** Of what the nodes add to one event, which is 2 MiB at most. */
const MAX_OUTLINE_BYTES = 1_800_000;
/** Code points of a paragraph that its outline shows. */
export const EXCERPT = 160;
/** Of one node in the event beside its words: ids, hash, number, names. */
const NODE_BYTES = 280;

const hashOf = (kind: string, words: string): string => createHash('sha256').update(`${kind}\n${words}`).digest('hex');

/**
 * Chapters, sections and paragraphs of a Markdown text (CommonMark with GFM).
 *
 * The highest heading level that occurs makes chapters, the one below sections; deeper headings are paragraphs of their own.
 * Every block below a heading is a paragraph: a list is one for each item, a table one for each row, a quotation one for each block in it.
 * HTML keeps its text and loses its tags. Text before the first heading belongs to a chapter without a number.
 * @throws DocumentRefused, with the line, for a text without paragraphs, over 5 MiB, of more than 4 000 nodes or more than one event can
 * carry, or too intricate to be read in seconds.
 */
export function outlineOf(markdown: string): OutlineNode[] {
  refuseTooLong(markdown);
  refuseTooIntricate(markdown);
  return read(markdown);
}

function read(markdown: string): OutlineNode[] {
  const tree = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const top = Math.min(6, ...tree.children.flatMap((node) => (node.type === 'heading' ? [node.depth] : [])));
  const outline = new Outline();
  for (const block of tree.children) {
    if (block.type === 'heading' && block.depth === top) outline.chapter(words(block), lineOf(block));
    else if (block.type === 'heading' && block.depth === top + 1) outline.section(words(block), lineOf(block));
    else for (const text of paragraphsOf(block)) outline.paragraph(text, lineOf(block));
  }
  if (!outline.nodes.some(({ kind }) => kind === 'paragraph')) {
    throw new DocumentRefused({ fr: 'Le document ne contient aucun paragraphe.', en: 'The document has no paragraph.' }, { line: markdown.split('\n').length });
  }
  return outline.nodes;
}

const lineOf = (block: RootContent): number => block.position?.start.line ?? 1;

function refuseTooLong(markdown: string): void {
  // A character is at most three bytes per unit: count only where it can matter.
  if (markdown.length * 3 <= MAX_BYTES) return;
  const bytes = Buffer.from(markdown);
  if (bytes.length <= MAX_BYTES) return;
  const line = bytes.subarray(0, MAX_BYTES).toString().split('\n').length;
  throw new DocumentRefused({ fr: `Le document dépasse ${MAX_BYTES / 1024 / 1024} Mio.`, en: `The document is over ${MAX_BYTES / 1024 / 1024} MiB.` }, { line });
}

/** The parser's time grows with the square of what opens and closes in one block: some kilobytes could hold the service for minutes. */
function refuseTooIntricate(markdown: string): void {
  let work = 0;
  let inBlock = 0;
  for (const [index, line] of markdown.split('\n').entries()) {
    const marks = line.match(/[*_~`[\]<>@]/g)?.length ?? 0;
    // A blank line ends a block, a bullet begins one.
    if (/^ {0,3}[*+-] +\S|^\s*$/.test(line)) inBlock = 0;
    // What this line adds to its block's square.
    work += marks * (2 * inBlock + marks);
    inBlock += marks;
    if (work > MAX_WORK || NESTING.test(line)) throw new DocumentRefused({ fr: 'Le document est imbriqué trop profondément pour être lu.', en: 'The document is nested too deeply to be read.' }, { line: index + 1 });
  }
}

const NESTING = new RegExp(`^(?:[ \\t]*(?:>|[*+-][ \\t]|\\d{1,9}[.)][ \\t])){${MAX_DEPTH}}|^[ \\t]{${4 * MAX_DEPTH}}`);

class Outline {
  readonly nodes: OutlineNode[] = [];
  private bytes = 0;
  private chapters = 0;
  private sections = 0;
  private paragraphs = 0;
  private chapterAt: number | undefined;
  private sectionAt: number | undefined;

  chapter(heading: string, line: number): void {
    this.chapters++;
    this.sections = this.paragraphs = 0;
    this.sectionAt = undefined;
    this.chapterAt = this.add('chapter', undefined, [this.chapters], line, heading);
  }

  section(heading: string, line: number): void {
    if (this.chapterAt === undefined) this.chapter('', line);
    this.sections++;
    this.paragraphs = 0;
    this.sectionAt = this.add('section', this.chapterAt, [this.chapters, this.sections], line, heading);
  }

  paragraph(text: string, line: number): void {
    if (this.chapterAt === undefined) this.chapterAt = this.add('chapter', undefined, [this.chapters], line, '');
    this.paragraphs++;
    this.add('paragraph', this.sectionAt ?? this.chapterAt, [this.chapters, ...(this.sectionAt === undefined ? [] : [this.sections]), this.paragraphs], line, undefined, text);
  }

  private add(kind: OutlineNode['kind'], parent: number | undefined, number: number[], line: number, heading: string | undefined, text?: string): number {
    if (this.nodes.length === MAX_NODES) throw new DocumentRefused({ fr: `Le document dépasse ${MAX_NODES} éléments.`, en: `The document has more than ${MAX_NODES} nodes.` }, { line });
    this.bytes += NODE_BYTES + Buffer.byteLength(JSON.stringify(heading ?? excerptOf(text ?? '')));
    if (this.bytes > MAX_OUTLINE_BYTES) throw new DocumentRefused({ fr: 'Les titres et débuts d’alinéas dépassent ce qu’un événement peut porter.', en: 'The headings and beginnings of paragraphs are more than one event can carry.' }, { line });
    return this.nodes.push({ kind, parent, number: number.join('.'), heading, text, hash: hashOf(kind, heading ?? text ?? '') }) - 1;
  }
}

const excerptOf = (text: string): string => [...text.slice(0, 2 * EXCERPT)].slice(0, EXCERPT).join('');

const words = (node: Nodes): string => textOf(node).replace(/[ \t]+/g, ' ').trim();

/** Inline HTML and HTML blocks lose their tags; what is between them stays. */
function textOf(node: Nodes): string {
  if (node.type === 'html') return node.value.replace(/<[^<>]*>/g, ' ');
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
