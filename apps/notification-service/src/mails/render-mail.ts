import type { Language } from '@cahier/contracts';
import Handlebars from 'handlebars';
import { layout } from './layout.js';

/** What a mail says; every member is text, and nothing in it is markup. */
export interface MailContent {
  readonly subject: string;
  /** The line that mail programs show beside the subject. */
  readonly preview: string;
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly facts?: readonly { readonly label: string; readonly value: string }[];
  readonly action?: { readonly label: string; readonly url: string };
  readonly notes: readonly string[];
}

/** Of the recipient alone: how to change or end a subscription. */
export interface SubscriptionLinks {
  readonly unsubscribeUrl: string;
  readonly preferencesUrl: string;
}

export interface RenderedMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Strict: a variable that is missing is an error, never an empty place. */
const template = Handlebars.compile<object>(layout, { strict: true, noEscape: false });

const HINT = { fr: 'Si le bouton ne fonctionne pas, recopiez cette adresse\u00a0:', en: 'If the button does not work, copy this address:' } as const;
const COLON = { fr: '\u00a0:', en: ':' } as const;
const UNSUBSCRIBE = { fr: { preferences: 'Choisir les messages reçus', label: 'Se désabonner' }, en: { preferences: 'Choose what you receive', label: 'Unsubscribe' } } as const;

/** @param links of a subscription: how to change or end it. @throws Error when a text is missing: a mail with a hole is not sent. */
export function renderMail(content: MailContent, language: Language, sender: string, links?: SubscriptionLinks): RenderedMail {
  requireTexts(content);
  const colon = COLON[language];
  const action = content.action && { ...content.action, hint: HINT[language] };
  const unsubscribe = links && { ...UNSUBSCRIBE[language], url: links.unsubscribeUrl, preferencesUrl: links.preferencesUrl };
  const html = template({ facts: [], ...content, language, sender, action: action ?? false, unsubscribe: unsubscribe ?? false });
  const text = [
    content.heading,
    ...content.paragraphs,
    ...(content.facts?.length ? [content.facts.map(({ label, value }) => `${label}${colon} ${value}`).join('\n')] : []),
    ...(content.action ? [`${content.action.label}${colon}\n${content.action.url}`] : []),
    `-- \n${content.notes.join('\n')}`,
    ...(unsubscribe ? [`${unsubscribe.preferences}${colon} ${unsubscribe.preferencesUrl}\n${unsubscribe.label}${colon} ${unsubscribe.url}`] : []),
  ].join('\n\n');
  return { subject: oneLine(content.subject), html, text: `${text}\n` };
}

/** A line break would end a header. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

function requireTexts(value: unknown, path = 'mail'): void {
  if (value === undefined || value === '' || value === null) throw new Error(`${path} is missing`);
  if (typeof value === 'object') for (const [name, member] of Object.entries(value)) requireTexts(member, `${path}.${name}`);
}
