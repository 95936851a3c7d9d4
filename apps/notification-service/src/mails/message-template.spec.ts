import { readMail } from '@cahier/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import Handlebars from 'handlebars';
import { type Addressee, MessageTemplate } from './message-template.js';
import type { SubscriptionLinks } from './render-mail.js';

const FROM = 'Délégation « numérique » <a@example.org>';
const HEADERS = ['to', 'message-id', 'date', 'list-unsubscribe', 'list-unsubscribe-post', 'from', 'subject', 'mime-version', 'content-type'];

const addressee = (n: number | string, links: SubscriptionLinks): Addressee => ({
  to: `lecteur-${n}@example.org`, messageId: `<${n}@example.org>`, date: new Date('2026-11-23T17:00:00.000Z'),
  headers: { 'List-Unsubscribe': `<${links.unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }, links,
});
const template = (subject: string, html: (links: SubscriptionLinks) => string, text: (links: SubscriptionLinks) => string): MessageTemplate =>
  new MessageTemplate((links) => ({ subject, html: html(links), text: text(links) }), (said) => ({ From: FROM, Subject: said }));

/** What breaks encoders: line breaks, dots at the beginning of lines, spaces at their end, the sign of an escape, letters of every width. */
const hostile = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\r\n', '\n', '\r', '.', '\n.\n', '..', ' ', '\t', '=', '=3D', '=\r\n', '--=_cahier', '\u00a0', '«', 'é', '🗳️', 'From ', 'Bcc: x@example.org', 'x'.repeat(80))), { maxLength: 20 })
  .map((parts) => parts.join('').replaceAll(/[\0\ud800-\udfff]/g, ''));
const url = fc.record({ path: fc.webPath(), token: fc.string({ unit: fc.constantFrom(...'abcXYZ019._-~=&%+'), maxLength: 200 }) }).map(({ path, token }) => `https://x.example.org${path}?token=${token}`);
const links = fc.record({ unsubscribeUrl: url, preferencesUrl: url });

/** Line breaks are those of the wire; what HTML and mail programs make of spaces at the end is theirs. */
const lines = (text: string): string => text.replaceAll(/\r\n?/g, '\n');

describe('a message', () => {
  it('says to a mail program what was written, whatever it was, with the links of its recipient in their places', async () => {
    await fc.assert(fc.asyncProperty(hostile, hostile, hostile, links, async (before, between, after, given) => {
      const write = (a: string, b: string): string => `[${before}${a}${between}${b}${after}]`;
      const raw = template('x', ({ unsubscribeUrl: a, preferencesUrl: b }) => write(a, b), ({ unsubscribeUrl: a, preferencesUrl: b }) => write(b, a)).for(addressee(1, given));
      const mail = await readMail(raw);
      expect(lines(String(mail.html))).toBe(lines(write(Handlebars.escapeExpression(given.unsubscribeUrl), Handlebars.escapeExpression(given.preferencesUrl))));
      expect(lines(mail.text!)).toBe(lines(write(given.preferencesUrl, given.unsubscribeUrl)));
      expect(mail.headerLines.find(({ key }) => key === 'list-unsubscribe')!.line.replaceAll(/\r\n(?=[ \t])/g, '')).toBe(`List-Unsubscribe: <${given.unsubscribeUrl}>`);
      expect([mail.to, mail.messageId]).toMatchObject([{ value: [{ address: 'lecteur-1@example.org' }] }, '<1@example.org>']);
      expectForTheWire(raw);
    }), { numRuns: 300 });
  });

  it('has the headers it should and no other, whatever reaches one', async () => {
    await fc.assert(fc.asyncProperty(hostile, hostile, async (subject, name) => {
      const raw = new MessageTemplate(() => ({ subject: `[${subject}]`, html: '<p>x</p>', text: 'x' }), (said) => ({ From: `"${name.replaceAll(/["\\\r\n]/g, '')}" <a@example.org>`, Subject: said }))
        .for({ ...addressee(1, { unsubscribeUrl: 'https://x.example.org/', preferencesUrl: 'https://x.example.org/' }), to: 'lecteur@example.org', messageId: `<1@example.org>` });
      const mail = await readMail(raw);
      expect(mail.headerLines.map(({ key }) => key)).toEqual(HEADERS);
      expect(mail.from!.value).toMatchObject([{ address: 'a@example.org' }]);
      expect(mail.text!.trim()).toBe('x');
      expectForTheWire(raw);
    }), { numRuns: 300 });
  });

  it('(28) lets no line break of an address, an id or a link begin another header', async () => {
    const evil = 'x\r\nBcc: b@example.org\r\n\r\nbody';
    const raw = template('x', (l) => l.unsubscribeUrl, (l) => l.unsubscribeUrl).for({
      to: `a@example.org${evil}`, messageId: `<${evil}>`, date: new Date(0), headers: { 'List-Unsubscribe': `<https://x/${evil}>` }, links: { unsubscribeUrl: evil, preferencesUrl: evil },
    });
    const mail = await readMail(raw);
    expect(mail.headerLines.map(({ key }) => key)).not.toContain('bcc');
    expect(mail.text!.trim()).toBe(lines(evil));
  });

  it('(34) holds nothing of another recipient, of ten thousand filled in from one template', () => {
    const one = template('x', (l) => `<a href="${l.unsubscribeUrl}">${l.preferencesUrl}</a>`, (l) => `${l.unsubscribeUrl} ${l.preferencesUrl}`);
    for (let i = 0; i < 10_000; i++) {
      const own = `canari-${i}-`;
      const raw = one.for(addressee(own, { unsubscribeUrl: `https://x/${own}`, preferencesUrl: `https://y/${own}` })).toString().replaceAll('=\r\n', '');
      const found = raw.match(/canari-\d+-/g)!;
      expect([found.length, new Set(found)]).toEqual([7, new Set([own])]);
    }
  });

  it('without the links that it has places for is not made', () => {
    const { links: _, ...nobody } = addressee(1, { unsubscribeUrl: 'x', preferencesUrl: 'y' });
    expect(() => template('x', (l) => l.preferencesUrl, () => 'x').for(nobody)).toThrow('preferencesUrl is missing');
  });
});

/** ASCII, no line longer than SMTP allows (in the body: than quoted-printable does), no line break that is half of one. */
function expectForTheWire(raw: Buffer): void {
  const text = raw.toString('latin1');
  expect(text).toMatch(/^[\t\r\n -~]*$/);
  expect(text).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
  const [head, ...body] = text.split('\r\n\r\n');
  for (const line of head!.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
  for (const line of body.join('\r\n\r\n').split('\r\n')) expect(line.length).toBeLessThanOrEqual(76);
}
