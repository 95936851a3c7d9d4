import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bilingual } from '@cahier/contracts';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import type { Subject } from '../export/subject.js';
import type { Figures } from '../figures/figures.dto.js';
import type { Query } from '../projections/campaign.queries.js';
import { loadCoverage, loadFonts } from './fonts.js';
import { MOST_ARGUED, type ArguedRow } from './most-argued.statement.js';
import { Printable } from './printable.js';
import { contentOf, type Findings } from './report-content.js';
import { readTimeline } from './timeline.js';

/** What the pages tell beside the files' names, from the report's snapshot. */
export async function readFindings(query: Query, subject: Subject, figures: Figures): Promise<Omit<Findings, 'files'>> {
  const { campaignId, cutoff, parameters } = subject.order;
  const [document] = await query<{ title: Bilingual }>('SELECT title FROM document WHERE campaign_id = $1', [campaignId]);
  const argued = await query<ArguedRow>(MOST_ARGUED, [campaignId, new Date(cutoff), parameters.proposalsPerSection]);
  // A chapter that has figures of its own stands there as a heading already.
  const listed = new Set(figures.bySection.map(({ sectionId }) => sectionId));
  const chapters = new Map((await query<ChapterRow>(CHAPTERS, [campaignId])).filter(({ chapter_id }) => !listed.has(chapter_id)).map(({ node_id, heading }) => [node_id, heading]));
  return { figures, timeline: await readTimeline(query, subject), argued, documentTitle: document?.title, chapters };
}

/** The document of a report: PDF/UA-1, the same bytes for the same snapshot. Blocks the process while it sets the pages. */
export function printReport(subject: Subject, findings: Findings): Buffer {
  return setPages(contentOf(subject, findings, new Printable(loadCoverage())), new Date(subject.order.cutoff));
}

interface ChapterRow {
  readonly node_id: string;
  readonly chapter_id: string;
  readonly heading: string;
}

const CHAPTERS = `
  SELECT section.node_id, chapter.node_id AS chapter_id, chapter.heading FROM document_node AS section
    JOIN document_node AS chapter ON chapter.campaign_id = section.campaign_id AND chapter.node_id = section.parent_id
   WHERE section.campaign_id = $1 AND section.kind = 'section' AND chapter.kind = 'chapter' AND chapter.heading IS NOT NULL`;

const TEMPLATES = fileURLToPath(new URL('../../templates', import.meta.url));

/**
 * @param content data of the template, which prints text as text: nothing in it is ever read as markup.
 * @param date of the document.
 * @throws Error with the compiler's words, also when a figure lacks its alternative text.
 */
export function setPages(content: object, date: Date): Buffer {
  const compiler = NodeCompiler.create({ workspace: TEMPLATES, fontArgs: [{ fontBlobs: loadFonts() }] });
  compiler.mapShadow(`${TEMPLATES}/content.json`, Buffer.from(JSON.stringify({ ...content, date: { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() } })));
  compiler.addSource(`${TEMPLATES}/report.typ`, readFileSync(`${TEMPLATES}/report.typ`, 'utf8'));
  const compiled = compiler.compile({ mainFilePath: `${TEMPLATES}/report.typ` });
  const failure = compiled.takeError();
  if (failure || !compiled.result) throw new Error(`The report’s pages could not be set: ${JSON.stringify(failure ? compiler.fetchDiagnostics(failure) : 'no result')}`);
  return compiler.pdf(compiled.result, { pdfStandard: 'ua-1' });
}
