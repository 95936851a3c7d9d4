import { describe, expect, it } from '@jest/globals';
import { billOf, filingsOf, type Opinion } from './convert.js';

const opinion = (overrides: Partial<Opinion>): Opinion => ({
  id: 91, created_at: '2015-09-26T11:27:25+0200', body: '<p>Texte</p>', author: { pseudonym: 'p-1' }, title: 'Un titre', type: { id: 86, subtitle: 'Les Communs' }, arguments: [], sources: [], ...overrides,
});
const government = { author: { pseudonym: 'gouvernement' } };

describe('the conversion of the samples', () => {
  it('makes sections and articles of the bill in the order of the source’s numbers', () => {
    const bill = billOf([
      opinion({ ...government, id: 63, title: 'Article 2', type: { id: 87, subtitle: 'Service public' }, body: '<p>1.&nbsp;Un <em>mot</em></p>' }),
      opinion({ ...government, id: 62, title: 'Article 1', body: '<p>Un</p>\r\n\r\n<p>Deux</p>' }),
      opinion({}),
    ]);
    expect(bill).toBe('# Les Communs\n\n## Article 1\n\nUn\n\nDeux\n\n# Service public\n\n## Article 2\n\n1.\u00a0Un _mot_\n');
  });

  it('makes plain text of a proposal’s HTML, and leaves plain text and what participants typed as it is', () => {
    const typed = '= 1 + 1<br>\r\n@ele\u0301ve ';
    const argument = { id: 7, created_at: '2015-09-26T12:00:00+0200', author: { pseudonym: 'p-2' }, type: 0 as const, body: typed };
    const [html, answer, plain] = filingsOf([
      opinion({ body: '<h2>Motif</h2>\r\n<p>L&rsquo;acc&egrave;s&nbsp;:</p><ul><li>un</li></ul>', arguments: [argument] }),
      opinion({ id: 92, created_at: '2015-09-27T00:00:00+0200', body: '- un\r\n- deux' }),
    ]);
    expect(html!.body).toBe('Motif\n\nL’accès\u00a0:\n\n * un');
    expect(answer).toEqual({ key: 'argument:7', at: '2015-09-26T12:00:00+02:00', author: 'p-2', kind: 'argument', stance: 'oppose', on: { filing: 'opinion:91' }, body: typed });
    expect(plain!.body).toBe('- un\r\n- deux');
  });

  it('puts what is answered before its answers when both came in the same second', () => {
    const sameSecond = { id: 1, created_at: '2015-09-26T11:27:25+0200', author: { pseudonym: 'p-2' }, type: 1 as const, body: 'Pour' };
    expect(filingsOf([opinion({ arguments: [sameSecond] })]).map(({ key }) => key)).toEqual(['opinion:91', 'argument:1']);
  });
});
