import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KeyRing } from '@cahier/platform';
import type { CampaignFacts, MailingKind } from '@cahier/contracts';
import { describe, expect, it } from '@jest/globals';
import { compiledLayout } from './compile-layout.js';
import { contentOf, mailParameters } from './contents.js';
import { LinkInvalid, linkToken, readLinkToken } from './links.js';
import { renderMail } from './render-mail.js';
import { french, whenSaid } from './typography.js';

const { data: campaign } = JSON.parse(readFileSync(new URL('../../../../libs/contracts/samples/campaign.scheduled.v1.json', import.meta.url), 'utf8')) as { data: CampaignFacts };
const place = (language: 'fr' | 'en', changes: Partial<CampaignFacts> = {}) => ({ campaign: { ...campaign, ...changes }, language, campaignUrl: 'https://campaigns.example.org/campaigns/1' });
const URL_ = 'https://x.example.org/?token=1';
const parameters: { [K in MailingKind]: [object, object] } = {
  confirmation: [{}, { confirmUrl: URL_ }],
  receipt: [{}, { contributionId: randomUUID(), filingNumber: '2026-000123-W', receivedAt: '2026-11-23T17:00:05.250Z', bodySha256: 'a'.repeat(64), manageUrl: URL_ }],
  withdrawal: [{}, { filingNumber: '2026-000123-W', at: '2026-11-23T17:00:00.000Z' }],
  moderation: [{}, { filingNumber: '2026-000123-W', action: 'hidden', reason: 'Hors sujet', manageUrl: URL_ }],
  opening: [{}, {}],
  reminder: [{ hoursBeforeClosing: 48 }, {}],
  'deadline-extended': [{ reason: 'Affluence', previousClosesAt: '2026-11-23T17:00:00.000Z' }, {}],
  closing: [{}, {}],
  cancellation: [{ reason: 'Report' }, {}],
  report: [
    { reportId: randomUUID(), number: 'CAHIER-2026-0001', version: 1, kind: 'closing', cutoff: '2026-11-23T17:00:00.000Z', headline: { contributions: 4986, withdrawn: 2, hidden: 1, distinctAddresses: 172, byKind: {}, byStance: {} } },
    { name: 'Rapporteur', bodies: ['Comité de pilotage'], reportUrl: URL_ },
  ],
};
const kinds = Object.keys(mailParameters) as MailingKind[];

describe('every mail', () => {
  it.each(kinds.flatMap((kind) => (['fr', 'en'] as const).map((language) => [kind, language] as const)))('%s in %s is whole, in HTML and in text', (kind, language) => {
    const { subject, html, text } = renderMail(contentOf(kind, place(language), ...parameters[kind]), language, 'Le service', { unsubscribeUrl: 'https://x.example.org/unsubscribe', preferencesUrl: 'https://x.example.org/preferences' });
    for (const part of [subject, html, text]) expect(part).not.toMatch(/undefined|\[object|\{\{|NaN/);
    expect(html).toContain(`lang="${language}"`);
    for (const part of [html, text]) {
      expect(part).toContain(campaign.title[language]);
      expect(part.replaceAll('\u00a0', ' ')).toContain(campaign.rules.responsibleService.telephone);
    }
    // French signs never stand at the beginning of a line by themselves.
    if (language === 'fr') expect(text.replaceAll(/https?:\S+/g, '')).not.toMatch(/[^\u00a0\u202f\s/][;!?]|[a-zé]:| [;!?:»]|« /);
  });

  it.each(kinds)('%s without one of its parameters is refused', (kind) => {
    const [mailing, recipient] = parameters[kind];
    for (const [at, values] of [[0, mailing], [1, recipient]] as const) {
      for (const name of Object.keys(values)) {
        const { [name]: _, ...rest } = values as Record<string, unknown>;
        expect(() => contentOf(kind, place('fr'), at === 0 ? rest : mailing, at === 1 ? rest : recipient)).toThrow();
      }
    }
  });

  it('prints what people wrote literally, whatever it looks like', () => {
    const hostile = '{{constructor}} {{{x}}} {{#with a}} {{> partial}} <script>alert(1)</script> <mj-include path="/etc/passwd"/> </td>';
    const { html, text } = renderMail(contentOf('moderation', place('fr'), {}, { filingNumber: 'x', action: 'hidden', reason: hostile, manageUrl: URL_ }), 'fr', 'Le service');
    expect(text).toContain(hostile);
    expect(html).toContain('{{constructor}} {{{x}}} {{#with a}} {{&gt; partial}} &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).not.toMatch(/<script|<mj-include/);
  });

  it('(34) holds nothing of another recipient, of ten thousand', () => {
    for (let i = 0; i < 10_000; i++) {
      const own = `canari-${i}-`;
      const [mailing, recipient] = parameters.receipt;
      const { subject, html, text } = renderMail(contentOf('receipt', place(i % 2 ? 'fr' : 'en'), mailing, { ...recipient, filingNumber: own, manageUrl: `https://x.example.org/?token=${own}` }), i % 2 ? 'fr' : 'en', 'Le service');
      expect(new Set(`${subject}${html}${text}`.match(/canari-\d+-/g))).toEqual(new Set([own]));
    }
  });

  it('keeps a line break out of its subject', () => {
    const { subject } = renderMail(contentOf('opening', place('fr', { title: { fr: 'Titre\r\nBcc: x@example.org\u2028y', en: 'x' } }), {}, {}), 'fr', 'Le service');
    expect(subject).toBe('La consultation est ouverte – Titre Bcc: x@example.org y');
  });

  it('with a hole is refused', () => {
    const content = contentOf('opening', place('fr'), {}, {});
    expect(() => renderMail({ ...content, heading: '' }, 'fr', 'Le service')).toThrow('mail.heading is missing');
    expect(() => renderMail({ ...content, paragraphs: ['a', undefined as never] }, 'fr', 'Le service')).toThrow('mail.paragraphs.1 is missing');
  });
});

describe('the layout', () => {
  it('is what MJML makes of its source; after a change: npm run mails', async () => {
    expect(readFileSync(new URL('./layout.ts', import.meta.url), 'utf8')).toBe(await compiledLayout());
  });
});

describe('French typography', () => {
  it.each([
    ["Bonjour ! L'avis : « oui » ; 50 % ?", 'Bonjour\u202f! L’avis\u00a0: «\u00a0oui\u00a0»\u202f; 50\u202f% \u202f?'.replace(' \u202f', '\u202f')],
    ['Voir https://example.org/a?b=c;d:e et écrire à a@b.fr: merci', 'Voir https://example.org/a?b=c;d:e et écrire à a@b.fr: merci'],
    ['à 18:30, n° 4', 'à 18:30, n°\u00a04'],
  ])('%j', (given, expected) => {
    expect(french(given)).toBe(expected);
    expect(french(french(given))).toBe(expected);
  });

  it('says instants as people do, in the place of the campaign', () => {
    expect(whenSaid('2026-11-23T17:00:00.000Z', 'Europe/Paris', 'fr')).toBe('lundi 23 novembre 2026 à 18\u00a0h (heure de Paris)');
    expect(whenSaid('2026-11-23T17:05:09.000Z', 'Europe/Paris', 'fr', true)).toBe('lundi 23 novembre 2026 à 18\u00a0h\u00a005\u00a0min\u00a009\u00a0s (heure de Paris)');
    expect(whenSaid('2026-11-23T17:05:00.000Z', 'Indian/Reunion', 'en')).toBe('Monday, 23 November 2026 at 21:05 (Indian/Reunion)');
  });
});

describe('a link', () => {
  const ring = (byte: number): KeyRing => ({ current: 2, key: (version) => { if (version > 2) throw new Error('unknown'); return Buffer.alloc(32, byte + version); } });
  const id = randomUUID();
  it('opens what it was made for', () => {
    expect(readLinkToken(ring(1), 'confirm', linkToken(ring(1), 'confirm', id))).toBe(id);
  });
  it.each([
    ['for another purpose', () => linkToken(ring(1), 'manage', id)],
    ['of another key', () => linkToken(ring(7), 'confirm', id)],
    ['of another subscription', () => linkToken(ring(1), 'confirm', id).replace(id, randomUUID())],
    ['of a key version that is unknown', () => linkToken(ring(1), 'confirm', id).replace(/^2/, '9')],
    ['cut short', () => linkToken(ring(1), 'confirm', id).slice(0, -1)],
    ['made up', () => 'x'.repeat(80)],
  ])('%s is refused', (_name, token) => {
    expect(() => readLinkToken(ring(1), 'confirm', token())).toThrow(LinkInvalid);
  });
});
