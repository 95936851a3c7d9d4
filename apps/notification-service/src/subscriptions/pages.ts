import type { Bilingual, Language } from '@cahier/contracts';
import { html, renderPage, type SafeHtml } from '@cahier/platform';
import type { SubscriptionView } from './subscription.queries.js';

/** Pages that the links of mails open: in the subscriber's language first, then in the other. */
function inBoth(language: Language, title: Bilingual, part: (language: Language) => SafeHtml, form?: SafeHtml): string {
  const other = language === 'fr' ? 'en' : 'fr';
  return renderPage({ language, title: title[language], body: html`<section lang="${language}">${part(language)}</section>${form ?? ''}<section lang="${other}"><h2>${title[other]}</h2>${part(other)}</section>` });
}

const button = (language: Language, action: string, token: string, label: Bilingual, fields: SafeHtml | string = ''): SafeHtml =>
  html`<form method="post" action="${action}"><input type="hidden" name="token" value="${token}">${fields}<p><button type="submit">${label[language]}</button></p></form>`;

const campaign = (title: Bilingual, language: Language): SafeHtml => html`<p><strong><bdi>${title[language]}</bdi></strong></p>`;

export function confirmPage({ title, language }: SubscriptionView, token: string): string {
  return inBoth(
    language,
    { fr: 'Confirmer votre abonnement', en: 'Confirm your subscription' },
    (l) => html`<p>${l === 'fr' ? 'Vous recevrez les nouvelles de la consultation\u00a0:' : 'You will receive news of the consultation:'}</p>${campaign(title, l)}`,
    button(language, 'confirm', token, { fr: 'Confirmer mon abonnement', en: 'Confirm my subscription' }),
  );
}

export function confirmedPage({ title, language }: SubscriptionView): string {
  return inBoth(
    language,
    { fr: 'Abonnement confirmé', en: 'Subscription confirmed' },
    (l) => html`<p>${l === 'fr' ? 'C’est noté. Vous recevrez les nouvelles de la consultation\u00a0:' : 'Done. You will receive news of the consultation:'}</p>${campaign(title, l)}`,
  );
}

export function unsubscribePage({ title, language }: SubscriptionView, token: string): string {
  return inBoth(
    language,
    { fr: 'Se désabonner', en: 'Unsubscribe' },
    (l) => html`<p>${l === 'fr' ? 'Vous ne recevrez plus de nouvelles de la consultation\u00a0:' : 'You will receive no more news of the consultation:'}</p>${campaign(title, l)}`,
    button(language, 'unsubscribe', token, { fr: 'Me désabonner', en: 'Unsubscribe me' }),
  );
}

export function unsubscribedPage({ title, language }: SubscriptionView): string {
  return inBoth(
    language,
    { fr: 'Vous êtes désabonné', en: 'You are unsubscribed' },
    (l) => html`<p>${l === 'fr' ? 'Plus aucune nouvelle ne vous sera envoyée de la consultation\u00a0:' : 'No more news will be sent to you of the consultation:'}</p>${campaign(title, l)}`,
  );
}

const KINDS: Readonly<Record<string, Bilingual>> = {
  'opening': { fr: 'L’ouverture', en: 'The opening' },
  'reminder': { fr: 'Les rappels avant la clôture', en: 'Reminders before the closing' },
  'deadline-extended': { fr: 'Une prolongation', en: 'An extension' },
  'closing': { fr: 'La clôture', en: 'The closing' },
  'cancellation': { fr: 'Une annulation', en: 'A cancellation' },
};

export function preferencesPage({ title, language, kinds }: SubscriptionView, token: string, saved = false): string {
  const boxes = html`${Object.entries(KINDS).map(([kind, label]) => html`<p><label><input type="checkbox" name="${kind}"${kinds.includes(kind) ? html` checked` : ''}> ${label[language]}</label></p>`)}`;
  return inBoth(
    language,
    { fr: 'Messages reçus', en: 'What you receive' },
    (l) => html`${saved ? html`<p role="status"><strong>${l === 'fr' ? 'Vos choix sont enregistrés.' : 'Your choices are saved.'}</strong></p>` : ''}${campaign(title, l)}<p>${l === 'fr' ? 'Choisissez ce que vous voulez recevoir.' : 'Choose what you want to receive.'}</p>`,
    button(language, 'preferences', token, { fr: 'Enregistrer', en: 'Save' }, boxes),
  );
}
