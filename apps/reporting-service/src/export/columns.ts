import type { Bilingual } from '@cahier/contracts';
import type { ExportedRow } from './exported-row.statement.js';
import { audienceLabels, kindLabels, languageLabels, publicationLabels, stanceLabels, statusLabels } from './labels.js';

/** One column of the tables: the CSV shows `value`, the spreadsheet the French label of a code. */
export interface Column {
  /** Header of the CSV; never changes meaning. */
  readonly name: string;
  /** Header of the spreadsheet. */
  readonly title: Bilingual;
  readonly description: Bilingual;
  readonly format?: 'uuid' | 'uri' | 'datetime';
  /** Codes and what they mean, where the column holds a code. */
  readonly labels?: Readonly<Record<string, Bilingual>>;
  /** Of the spreadsheet's column, in characters. */
  readonly width: number;
  /** Empty: nothing was given. */
  value(row: ExportedRow): string;
}

const text = (name: keyof ExportedRow & ('title' | 'body' | 'proposed_wording' | 'source_url' | 'source_category' | 'organisation' | 'author_name')) => (row: ExportedRow) => row[name] ?? '';

export const columns: readonly Column[] = [
  {
    name: 'filing_number', title: { fr: 'Numéro de dépôt', en: 'Filing number' }, width: 16, value: (row) => row.filing_number,
    description: { fr: 'Celui de l’accusé de réception. Des numéros peuvent manquer : ce n’est pas un compte.', en: 'As on the receipt. Numbers may be missing: it is not a count.' },
  },
  {
    name: 'received_at', title: { fr: 'Reçue le (UTC)', en: 'Received at (UTC)' }, format: 'datetime', width: 25, value: (row) => row.received_at,
    description: { fr: 'Instant de réception, horloge de la base de données, à la milliseconde.', en: 'Instant of receipt by the database’s clock, to the millisecond.' },
  },
  {
    name: 'received_at_local', title: { fr: 'Reçue le (heure locale)', en: 'Received at (local time)' }, width: 24, value: (row) => row.received_at_local,
    description: { fr: 'Le même instant dans le fuseau horaire de la campagne.', en: 'The same instant in the campaign’s time zone.' },
  },
  {
    name: 'status', title: { fr: 'État', en: 'Status' }, labels: statusLabels, width: 14, value: (row) => row.status,
    description: { fr: 'Une contribution masquée ou retirée garde sa ligne et perd son texte.', en: 'A hidden or withdrawn contribution keeps its row and loses its text.' },
  },
  { name: 'kind', title: { fr: 'Nature', en: 'Kind' }, labels: kindLabels, width: 13, value: (row) => row.kind, description: { fr: 'Nature choisie par l’auteur.', en: 'Kind chosen by the author.' } },
  { name: 'stance', title: { fr: 'Position', en: 'Stance' }, labels: stanceLabels, width: 18, value: (row) => row.stance ?? '', description: { fr: 'Position déclarée par l’auteur.', en: 'Stance declared by the author.' } },
  { name: 'audience', title: { fr: 'Qualité', en: 'Audience' }, labels: audienceLabels, width: 20, value: (row) => row.audience ?? '', description: { fr: 'Qualité déclarée par l’auteur, non vérifiée.', en: 'Capacity declared by the author, not verified.' } },
  { name: 'language', title: { fr: 'Langue', en: 'Language' }, labels: languageLabels, width: 10, value: (row) => row.language, description: { fr: 'Langue de la contribution.', en: 'Language of the contribution.' } },
  {
    name: 'publication', title: { fr: 'Publication', en: 'Publication' }, labels: publicationLabels, width: 14, value: (row) => row.publication,
    description: {
      fr: 'Choix de l’auteur. « Non publiée » : lue par l’administration seule ; son texte est dans ce fichier et ne doit pas être rediffusé.',
      en: 'The author’s choice. “Not published”: read by the administration alone; its text is in this file and must not be passed on.',
    },
  },
  {
    name: 'section_number', title: { fr: 'Section', en: 'Section' }, width: 10, value: (row) => row.section_number ?? '',
    description: { fr: 'Section du document où la contribution est comptée : celle du premier passage visé, sinon celle de ce à quoi elle répond.', en: 'Section under which it is counted: that of the first passage it points to, else that of what it answers.' },
  },
  { name: 'section_heading', title: { fr: 'Titre de la section', en: 'Section heading' }, width: 36, value: (row) => row.section_heading ?? '', description: { fr: 'Titre de cette section.', en: 'Heading of that section.' } },
  { name: 'answers', title: { fr: 'Répond à', en: 'Answers' }, width: 16, value: (row) => row.answers ?? '', description: { fr: 'Numéro de dépôt de la contribution à laquelle elle répond.', en: 'Filing number of the contribution that it answers.' } },
  { name: 'title', title: { fr: 'Titre', en: 'Title' }, width: 40, value: text('title'), description: { fr: 'Titre donné par l’auteur.', en: 'Title given by the author.' } },
  { name: 'body', title: { fr: 'Texte', en: 'Text' }, width: 80, value: text('body'), description: { fr: 'Texte de la contribution, tel que reçu.', en: 'Text of the contribution, as received.' } },
  { name: 'proposed_wording', title: { fr: 'Rédaction proposée', en: 'Proposed wording' }, width: 60, value: text('proposed_wording'), description: { fr: 'Rédaction que l’auteur propose.', en: 'Wording that the author proposes.' } },
  {
    name: 'quotes', title: { fr: 'Passages cités', en: 'Quoted passages' }, width: 40, value: (row) => (row.quotes?.some((quote) => quote !== null) ? JSON.stringify(row.quotes) : ''),
    description: { fr: 'Passages cités des cibles, dans leur ordre : liste JSON, null où rien n’est cité.', en: 'Passages quoted from the targets, in their order: a JSON list, null where none is.' },
  },
  { name: 'source_url', title: { fr: 'Adresse de la source', en: 'Source address' }, width: 40, value: text('source_url'), description: { fr: 'Pour une source : son adresse, non vérifiée.', en: 'Of an evidence: its address, not checked.' } },
  { name: 'source_category', title: { fr: 'Type de source', en: 'Source category' }, width: 20, value: text('source_category'), description: { fr: 'Pour une source : sa catégorie.', en: 'Of an evidence: its category.' } },
  { name: 'organisation', title: { fr: 'Organisation', en: 'Organisation' }, width: 28, value: text('organisation'), description: { fr: 'Organisation déclarée, non vérifiée.', en: 'Declared organisation, not verified.' } },
  { name: 'author_name', title: { fr: 'Auteur', en: 'Author' }, width: 24, value: text('author_name'), description: { fr: 'Nom à publier ; seulement si l’auteur l’a choisi.', en: 'Name to publish; only where its author chose so.' } },
  {
    name: 'targets', title: { fr: 'Cibles', en: 'Targets' }, width: 44, value: (row) => row.targets.map(({ type, id }) => `${type}:${id}`).join(' '),
    description: { fr: 'Ce que la contribution vise : type:identifiant, séparés par une espace.', en: 'What it points to: type:id, separated by a space.' },
  },
  { name: 'contribution_id', title: { fr: 'Identifiant', en: 'Identifier' }, format: 'uuid', width: 38, value: (row) => row.contribution_id, description: { fr: 'Identifiant technique, définitif.', en: 'Technical identifier, final.' } },
  {
    name: 'body_sha256', title: { fr: 'Empreinte du dépôt', en: 'Digest of the filing' }, width: 66, value: (row) => row.body_sha256,
    description: { fr: 'SHA-256 de la requête telle que reçue : la même que sur l’accusé de réception.', en: 'SHA-256 of the request as received: as on the receipt.' },
  },
];
