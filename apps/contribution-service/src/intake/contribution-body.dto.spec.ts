import { randomUUID } from 'node:crypto';
import { faultsOf } from '@cahier/platform';
import { describe, expect, it } from '@jest/globals';
import { contributionBody, limits } from './contribution-body.dto.js';

const valid = { kind: 'proposal', targets: [], body: 'Texte', publication: { preference: 'anonymous' } };
const faults = (body: unknown): string[] => {
  const parsed = contributionBody.safeParse(body);
  return parsed.success ? [] : faultsOf(parsed.error).map(({ pointer }) => pointer);
};
const tree = '🌳';

describe('a contribution', () => {
  it('needs little', () => {
    expect(contributionBody.parse(valid)).toEqual({ ...valid, language: 'fr' });
  });

  it.each([
    ['no body', { body: undefined }, '/body'],
    ['a blank body', { body: ' \n\t' }, '/body'],
    ['a long body', { body: 'a'.repeat(limits.body + 1) }, '/body'],
    ['a number for a text', { body: 3 }, '/body'],
    ['a list for a text', { body: [['x']] }, '/body'],
    ['an object that pretends to be a text', { body: { toString: 1, length: 3 } }, '/body'],
    ['an unknown kind', { kind: 'petition' }, '/kind'],
    ['a kind in capitals', { kind: 'Proposal' }, '/kind'],
    ['targets that are no list', { targets: { length: 1 } }, '/targets'],
    ['eleven targets', { targets: Array(11).fill({ type: 'section', id: randomUUID() }) }, '/targets'],
    ['a target without an id', { targets: [{ type: 'section' }] }, '/targets/0/id'],
    ['a target of an unknown type', { targets: [{ type: 'chapter', id: randomUUID() }] }, '/targets/0/type'],
    ['a target that says more', { targets: [{ type: 'section', id: randomUUID(), hidden: true }] }, '/targets/0/hidden'],
    ['a title on two lines', { title: 'a\nb' }, '/title'],
    ['a long title', { title: tree.repeat(limits.title + 1) }, '/title'],
    ['a null', { title: null }, '/title'],
    ['an unknown language', { language: 'de' }, '/language'],
    ['a name that would not be published', { publication: { preference: 'anonymous', authorName: 'Zoé' } }, '/publication/authorName'],
    ['publication under no name', { publication: { preference: 'named' } }, '/publication/authorName'],
    ['evidence without a source', { kind: 'evidence' }, '/source'],
    ['a source of something else', { source: { url: 'https://example.org' } }, '/source'],
    ['an address without consent', { contact: { email: 'a@example.org', consent: false } }, '/contact/consent'],
    ['an address that is two', { contact: { email: 'a@example.org, b@example.org', consent: true } }, '/contact/email'],
    ['an address with a line break', { contact: { email: 'a@example.org\r\nBcc: b@example.org', consent: true } }, '/contact/email'],
  ])('does not have %s', (_, change, pointer) => {
    expect(faults({ ...valid, ...change })).toEqual([pointer]);
  });

  it('is refused in both languages', () => {
    const words = ['', 'a'.repeat(limits.body + 1)].map((body) => ({ ...valid, body })).concat([{ ...valid, title: 'a\nb' } as never, { ...valid, kind: 'evidence' }, { ...valid, kind: 'evidence', source: { url: 'x' } } as never, { ...valid, publication: { preference: 'named' } }]).flatMap((body) => {
      const parsed = contributionBody.safeParse(body);
      return parsed.success ? ['accepted'] : faultsOf(parsed.error).map(({ detail }) => detail);
    });
    expect(words).toHaveLength(6);
    for (const detail of words) expect(detail).toEqual({ fr: expect.stringMatching(/^[A-Z]/), en: expect.stringMatching(/^[A-Z]/) });
  });

  it.each(['status', 'id', 'contributionId', 'receivedAt', 'campaignId', 'filingNumber', 'participantRef', 'hidden', 'version'])('cannot set its %s', (name) => {
    expect(faults({ ...valid, [name]: 'x' })).toEqual([`/${name}`]);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '//example.org', 'example.org', ' https://example.org', 'https://', 'http://exa mple.org', 'ftp://example.org', 'https://example.org/\n'])(
    'does not point to %j', (url) => {
      expect(new Set(faults({ ...valid, kind: 'evidence', source: { url } }))).toEqual(new Set(['/source/url']));
    },
  );

  it('keeps an address of the web as it was written', () => {
    const source = { url: 'HTTPS://Example.org/é?b=2&a=1#x', category: 'presse' };
    expect(contributionBody.parse({ ...valid, kind: 'evidence', source }).source).toEqual(source);
  });

  it('is counted in code points', () => {
    expect(faults({ ...valid, title: tree.repeat(limits.title), body: tree.repeat(limits.body) })).toEqual([]);
  });
});
