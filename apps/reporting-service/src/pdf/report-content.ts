import type { Bilingual, ContributionKind } from '@cahier/contracts';
import { audienceLabels, campaignKindLabels, kindLabels, notStated, stanceLabels } from '../export/labels.js';
import type { ReportFile } from '../export/report-order.js';
import type { Subject } from '../export/subject.js';
import type { Figures, SectionFigures } from '../figures/figures.dto.js';
import { englishInstant, frenchInstant } from './instants.js';
import type { ArguedRow } from './most-argued.statement.js';
import type { Printable } from './printable.js';
import type { Timeline } from './timeline.js';

/** What a report is made of, beside its subject. */
export interface Findings {
  readonly figures: Figures;
  readonly timeline: Timeline;
  readonly argued: readonly ArguedRow[];
  readonly documentTitle: Bilingual | undefined;
  /** Section → heading of the chapter that holds it. */
  readonly chapters: ReadonlyMap<string, string>;
  /** The other files, which the annex lists. */
  readonly files: readonly ReportFile[];
}

/** Everything that the template prints, as plain data: words in French, numbers as numbers, text made printable. */
export function contentOf(subject: Subject, { figures, timeline, argued, documentTitle, chapters, files }: Findings, print: Printable): object {
  const { order, campaign, zone, seal } = subject;
  const { facts } = campaign;
  const instant = (at: Date | null) => (at === null ? '' : frenchInstant(at, zone));
  const inEnglish = (at: Date | null) => (at === null ? '' : englishInstant(at, zone));
  const both = (text: Bilingual) => ({ fr: print.line(text.fr), en: print.line(text.en) });
  const paragraphs = (text: Bilingual) => text.fr.split(/\n\s*\n/).map((paragraph) => print.line(paragraph)).filter(Boolean);
  const { responsibleService: service } = facts.rules;

  return {
    report: { number: order.number, version: order.version, provisional: order.kind === 'interim', cutoff: instant(new Date(order.cutoff)), cutoffEn: englishInstant(new Date(order.cutoff), zone) },
    campaign: {
      title: both(facts.title), 'running-title': print.excerpt(facts.title.fr, 80), programme: both(facts.programme.title), edition: both(facts.edition.label), kind: campaignKindLabels[facts.kind],
      presentation: paragraphs(facts.presentation), audiences: facts.audiences.map((name) => audienceLabels[name].fr),
      opens: instant(campaign.opens_at), closes: instant(campaign.closes_at), opensEn: inEnglish(campaign.opens_at), closesEn: inEnglish(campaign.closes_at), zone,
      rules: [
        { title: 'Objet de la consultation', text: paragraphs(facts.rules.purpose) },
        { title: 'Participation et modération', text: paragraphs(facts.rules.participation) },
        { title: 'Suites données', text: paragraphs(facts.rules.followUp) },
      ],
      service: { name: print.line(service.name.fr), email: print.line(service.email), postal: print.line(service.postalAddress), telephone: print.line(service.telephone) },
      bodies: facts.steeringBodies.map(({ name }) => print.line(name.fr)),
    },
    document: documentTitle ? both(documentTitle) : null,
    totals: { contributions: figures.contributions, addresses: figures.distinctAddresses, withdrawn: figures.withdrawn, hidden: figures.hidden },
    timeline,
    kinds: figures.byKind.map((row) => ({ ...countsOf(row), label: kindLabels[row.kind] })),
    stances: figures.byStance.map((row) => ({ ...countsOf(row), code: row.stance ?? 'none', label: row.stance === null ? notStated : stanceLabels[row.stance] })),
    audiences: figures.byAudience.map((row) => ({ ...countsOf(row), label: row.audience === null ? notStated : audienceLabels[row.audience] })),
    sections: figures.bySection.map((section) => ({ ...sectionContent(section, argued, order.parameters.excerptCodePoints, print), chapter: chapterOf(section, chapters, print) })),
    definitions: DEFINED.map(([key, term]) => ({ term, meaning: figures.definitions[key]!.fr })),
    files: files.map(({ name, bytes, sha256, rows }) => ({ name, bytes, sha256, rows: rows ?? null })),
    seal: seal ? { closes: instant(seal.closes_at), accepted: seal.accepted, withdrawn: seal.withdrawn, digest: seal.digest } : null,
    parameters: order.parameters,
  };
}

const KIND_PLURALS: Record<ContributionKind, string> = { proposal: 'propositions', remark: 'remarques', argument: 'arguments', evidence: 'sources', opinion: 'avis' };

const countsOf = ({ contributions, distinctAddresses }: { contributions: number; distinctAddresses: number }) => ({ contributions, addresses: distinctAddresses });

/** In the order of the page. */
const DEFINED: readonly [key: string, term: string][] = [
  ['contributions', 'Contributions'], ['withdrawn', 'Retirées'], ['hidden', 'Masquées'], ['distinctAddresses', 'Adresses différentes déclarées'], ['byDay', 'Par jour'],
  ['bySection', 'Par section'], ['byKind', 'Nature'], ['byStance', 'Position'], ['byAudience', 'Qualité'],
];

function chapterOf({ sectionId }: SectionFigures, chapters: ReadonlyMap<string, string>, print: Printable): string | null {
  const heading = sectionId === null ? undefined : chapters.get(sectionId);
  return heading === undefined ? null : print.line(heading);
}

function sectionContent(section: SectionFigures, argued: readonly ArguedRow[], excerptCodePoints: number, print: Printable): object {
  const stated = Object.values(section.byStance).reduce((sum, count) => sum + count, 0);
  return {
    number: section.number === null ? null : print.line(section.number),
    heading: print.line(section.heading ?? (section.sectionId === null ? 'Sans section' : 'Sans titre')),
    contributions: section.contributions,
    addresses: section.distinctAddresses,
    stances: [
      ...Object.entries(stanceLabels).map(([code, label]) => ({ code, label, contributions: section.byStance[code as keyof typeof stanceLabels] ?? 0 })),
      { code: 'none', label: notStated, contributions: section.contributions - stated },
    ],
    kinds: Object.entries(section.byKind).map(([code, contributions]) => ({ label: kindLabels[code as ContributionKind].fr, plural: KIND_PLURALS[code as ContributionKind], contributions })),
    argued: argued.filter(({ section_id }) => section_id === section.sectionId).map((row) => quoteOf(row, excerptCodePoints, print)),
  };
}

function quoteOf(row: ArguedRow, excerptCodePoints: number, print: Printable): object {
  const author = row.publication === 'named' ? [row.author_name, row.organisation].filter((name) => name !== null).map((name) => print.line(name)).join(', ') : '';
  return {
    filingNumber: row.filing_number, kind: kindLabels[row.kind as ContributionKind].fr, title: row.title === null ? null : print.excerpt(row.title, 160),
    excerpt: print.excerpt(row.body, excerptCodePoints), author: author === '' ? null : author,
    answers: row.answers, support: row.support, oppose: row.oppose, evidence: row.evidence,
  };
}
