import type { Language } from '@cahier/contracts';
import { html, renderPage, type SafeHtml } from '@cahier/platform';
import { kindLabels, stanceLabels } from '../export/labels.js';
import { englishInstant, frenchInstant } from '../pdf/instants.js';
import type { SharedReport } from './report.queries.js';

const TEXT = {
  fr: {
    provisional: 'Rapport provisoire : les dépôts n’étaient pas clos à la date d’arrêté.', cutoff: 'Arrêté au', contributions: 'Contributions', withdrawn: 'Dont retirées par leur auteur', hidden: 'Dont masquées par la modération',
    addresses: 'Adresses différentes déclarées', kinds: 'Par nature', stances: 'Par position', files: 'Fichiers', file: 'Fichier', size: 'Taille', digest: 'Empreinte SHA-256',
    title: (number: string, version: number) => `Rapport ${number}, version ${version}`, heading: 'Chiffres et fichiers', campaign: 'Campagne', octets: 'o',
  },
  en: {
    provisional: 'Interim report: the intake was not closed at its cut-off.', cutoff: 'As of', contributions: 'Contributions', withdrawn: 'Of these withdrawn by their authors', hidden: 'Of these hidden by a moderator',
    addresses: 'Distinct declared addresses', kinds: 'By kind', stances: 'By stance', files: 'Files', file: 'File', size: 'Size', digest: 'SHA-256',
    title: (number: string, version: number) => `Report ${number}, version ${version}`, heading: 'Figures and files', campaign: 'Campaign', octets: 'B',
  },
} as const;

/** The report's page in both languages, the reader's first. @param token carried on to the files. */
export function reportPage(shared: Pick<SharedReport, 'view' | 'campaign'>, token: string | undefined, language: Language): string {
  const other = language === 'fr' ? 'en' : 'fr';
  return renderPage({ language, title: TEXT[language].title(shared.view.number, shared.view.version), body: html`${section(shared, token, language)}${section(shared, token, other)}` });
}

function section({ view: report, campaign }: Pick<SharedReport, 'view' | 'campaign'>, token: string | undefined, language: Language): SafeHtml {
  const text = TEXT[language];
  const number = new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB');
  const cutoff = language === 'fr' ? frenchInstant(new Date(report.cutoff), campaign.zone) : englishInstant(new Date(report.cutoff), campaign.zone);
  const { headline } = report;
  const counts = (title: string, values: Partial<Record<string, number>>, labels: Record<string, { fr: string; en: string }>): SafeHtml =>
    html`<h3>${title}</h3><table>${Object.entries(values).map(([code, count]) => html`<tr><th scope="row">${labels[code]?.[language] ?? code}</th><td>${number.format(count ?? 0)}</td></tr>`)}</table>`;
  return html`<section lang="${language}">
<h2>${text.heading}</h2>
${report.provisional ? html`<p><strong>${text.provisional}</strong></p>` : null}
<dl>${campaign.title && html`<dt>${text.campaign}</dt><dd>${campaign.title[language]}</dd>`}<dt>${text.cutoff}</dt><dd>${cutoff}</dd>
${headline && html`<dt>${text.contributions}</dt><dd>${number.format(headline.contributions)}</dd>
<dt>${text.withdrawn}</dt><dd>${number.format(headline.withdrawn)}</dd>
<dt>${text.hidden}</dt><dd>${number.format(headline.hidden)}</dd>
<dt>${text.addresses}</dt><dd>${number.format(headline.distinctAddresses)}</dd>`}</dl>
${headline && counts(text.kinds, headline.byKind, kindLabels)}
${headline && counts(text.stances, headline.byStance, stanceLabels)}
<h3>${text.files}</h3>
<table><tr><th scope="col">${text.file}</th><th scope="col">${text.size}</th><th scope="col">${text.digest}</th></tr>
${report.files.map(({ name, bytes, sha256 }) => html`<tr><td><a href="${hrefOf(report.reportId, name, token)}">${name}</a></td><td>${number.format(bytes)} ${text.octets}</td><td><code title="${sha256}">${sha256.slice(0, 16)}…</code></td></tr>`)}</table>
</section>`;
}

/** Seen from the page of the report, wherever the service stands. */
const hrefOf = (reportId: string, name: string, token: string | undefined) => `${reportId}/files/${name}${token === undefined ? '' : `?token=${encodeURIComponent(token)}`}`;
