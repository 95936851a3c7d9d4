import type { Language } from '@cahier/contracts';
import { html, renderPage, type SafeHtml } from '@cahier/platform';
import type { OwnContribution } from './contribution.dto.js';

const words = {
  fr: {
    title: 'Votre contribution', campaign: 'Consultation', number: 'Numéro de dépôt', received: 'Reçue le', hash: 'Empreinte SHA-256 du dépôt', state: 'État',
    states: { filed: 'Déposée', hidden: 'Masquée par la modération', withdrawn: 'Retirée' },
    withdraw: 'Retirer ma contribution',
    warning: 'Le retrait est définitif\u00a0: votre texte sera effacé et ne figurera pas dans le rapport.',
    until: 'Vous pouvez la retirer jusqu’à la clôture, le',
    over: 'La campagne est close\u00a0: le retrait n’est plus possible.',
    done: 'Votre contribution a été retirée.',
    wording: 'Rédaction proposée',
  },
  en: {
    title: 'Your contribution', campaign: 'Consultation', number: 'Filing number', received: 'Received on', hash: 'SHA-256 of what was filed', state: 'Status',
    states: { filed: 'Filed', hidden: 'Hidden by moderation', withdrawn: 'Withdrawn' },
    withdraw: 'Withdraw my contribution',
    warning: 'Withdrawing is final: your text will be erased and will not be in the report.',
    until: 'You can withdraw it until closing, on',
    over: 'The campaign has closed: it is too late to withdraw.',
    done: 'Your contribution was withdrawn.',
    wording: 'Proposed wording',
  },
} as const;

/** What the link of a receipt opens. Shows; only its button acts, for mail scanners follow links. */
export function managePage(own: OwnContribution, token: string, language: Language): string {
  const t = words[language];
  const at = (instant: string) => new Intl.DateTimeFormat(language === 'fr' ? 'fr' : 'en-GB', { dateStyle: 'long', timeStyle: 'long', timeZone: 'Europe/Paris' }).format(new Date(instant));
  const body = html`
    <dl>
      <dt>${t.campaign}</dt><dd>${own.campaignTitle[language]}</dd>
      <dt>${t.number}</dt><dd>${own.filingNumber}</dd>
      <dt>${t.received}</dt><dd><time datetime="${own.receivedAt}">${at(own.receivedAt)}</time></dd>
      <dt>${t.hash}</dt><dd><code>${own.bodySha256}</code></dd>
      <dt>${t.state}</dt><dd>${t.states[own.status]}</dd>
    </dl>
    ${own.text === undefined ? html`` : authorsWords(own, t.wording)}
    ${own.status === 'withdrawn' ? html`<p role="status">${t.done}</p>` : own.withdrawable ? withdrawalForm(own, token, t, at(own.withdrawableUntil)) : html`<p>${t.over}</p>`}`;
  return renderPage({ language, title: t.title, body });
}

/** The author's words in the author's direction: `bdi` keeps them from turning the page around. */
function authorsWords({ text, classification }: OwnContribution, wording: string): SafeHtml {
  const { title, body, proposedWording } = text!;
  return html`<article lang="${classification.language}">
      ${title === undefined ? html`` : html`<h2><bdi>${title}</bdi></h2>`}
      <p class="text"><bdi>${body}</bdi></p>
      ${proposedWording === undefined ? html`` : html`<h3>${wording}</h3><p class="text"><bdi>${proposedWording}</bdi></p>`}
    </article>`;
}

function withdrawalForm({ contributionId }: OwnContribution, token: string, t: (typeof words)[Language], until: string): SafeHtml {
  return html`<form method="post" action="${contributionId}/withdraw">
      <p>${t.until} ${until}. ${t.warning}</p>
      <input type="hidden" name="token" value="${token}">
      <button type="submit">${t.withdraw}</button>
    </form>`;
}
