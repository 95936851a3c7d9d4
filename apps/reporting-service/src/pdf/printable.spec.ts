import { describe, expect, it } from '@jest/globals';
import { loadCoverage } from './fonts.js';
import { Printable, REPLACEMENT } from './printable.js';

const covers = loadCoverage();
const print = new Printable(covers);

describe('the fonts', () => {
  it.each(['é', 'œ', '’', '«', '€', '\u202F', '\u00A0', '…', 'Ω', 'Ж', '😀', '🇫', REPLACEMENT])('have %s', (character) => { expect(covers(character.codePointAt(0)!)).toBe(true); });
  it.each(['漢', '\uE000', '\u{10FFFD}', 'ꙮ'])('lack %s', (character) => { expect(covers(character.codePointAt(0)!)).toBe(false); });
});

describe('printable text', () => {
  it.each([
    ['keeps what has a glyph', 'Œuvre «\u00A0ça\u00A0» 50\u202F% 😀', 'Œuvre «\u00A0ça\u00A0» 50\u202F% 😀'],
    ['composes accents', 'e\u0301te\u0301', 'été'],
    ['shows that something has none', 'a漢b\uE000', `a${REPLACEMENT}b${REPLACEMENT}`],
    ['drops what cannot be seen and could turn the text around', 'a\u202Eb\u2066c\u200Bd\u00ADe\uFE0F\u0007', 'abcde'],
    ['is one line', ' a\r\n\tb\u2028c ', 'a b c'],
  ])('%s', (_, text, printed) => { expect(print.line(text)).toBe(printed); });

  it('lets a word without end be broken', () => {
    expect(print.line('x'.repeat(70)).split('\u200B').map((piece) => piece.length)).toEqual([32, 32, 6]);
  });

  it('cuts an excerpt between words and marks it; a short text stays whole', () => {
    expect(print.excerpt('un deux trois quatre', 12)).toBe('un deux\u00A0[…]');
    expect(print.excerpt('un deux', 7)).toBe('un deux');
    expect(print.excerpt('x'.repeat(20), 10)).toBe(`${'x'.repeat(10)}\u00A0[…]`);
    expect(print.excerpt('😀'.repeat(20), 10)).toBe(`${'😀'.repeat(10)}\u00A0[…]`);
  });
});
