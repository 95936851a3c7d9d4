/** Stands visibly where a character has no glyph in our fonts. */
export const REPLACEMENT = '\u25A1';

/** Longest run without a place to break a line. */
const LONGEST_WORD = 32;

/**
 * Makes text for print: one line, only characters that our fonts have, no invisible ones that could turn what is read around.
 * PDF/UA refuses a document with a missing glyph: nobody's contribution may stop a report.
 */
export class Printable {
  private readonly known = new Map<string, string>();

  /** @param covers whether a code point has a glyph. */
  constructor(private readonly covers: (codePoint: number) => boolean) {}

  /** In Unicode's composed form: what looks the same is the same glyph. */
  line(text: string): string {
    const printed = Array.from(text.normalize('NFC'), (character) => this.glyph(character)).join('');
    return printed.replace(/ +/g, ' ').trim().replace(/[^\s]{33,}/gu, breakable);
  }

  /** @param codePoints at most; cut between words, with a mark. */
  excerpt(text: string, codePoints: number): string {
    const characters = [...text.normalize('NFC').replace(/\s+/gu, ' ').trim()];
    if (characters.length <= codePoints) return this.line(text);
    const cut = characters.slice(0, codePoints).join('');
    const space = cut.lastIndexOf(' ');
    return `${this.line(space > codePoints / 2 ? cut.slice(0, space) : cut)}\u00A0[…]`;
  }

  private glyph(character: string): string {
    let glyph = this.known.get(character);
    if (glyph === undefined) this.known.set(character, (glyph = this.glyphOf(character)));
    return glyph;
  }

  private glyphOf(character: string): string {
    if (/[\u00A0\u202F]/.test(character)) return character;
    if (/\s/u.test(character)) return ' ';
    // Controls, direction overrides, joiners, variation selectors, tags: nothing to see.
    if (/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(character)) return '';
    if (/\p{Co}/u.test(character) || !this.covers(character.codePointAt(0)!)) return REPLACEMENT;
    return character;
  }
}

/** Zero-width spaces in a long address or key, so that it cannot leave the page. */
function breakable(word: string): string {
  const characters = [...word];
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += LONGEST_WORD) pieces.push(characters.slice(start, start + LONGEST_WORD).join(''));
  return pieces.join('\u200B');
}
