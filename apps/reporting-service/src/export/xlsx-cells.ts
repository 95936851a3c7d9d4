/** Longest text of a cell that Excel opens, in UTF-16 units. */
export const MAX_CELL_UNITS = 32_767;

/** A to XFD. @param index from 0. */
export function columnName(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : columnName(Math.floor(index / 26) - 1) + columnName(index % 26);
}

/** A string cell: never a number, a date or a formula, whatever it looks like. @param style 0 is what a cell has that names none. */
export function textCell(reference: string, value: string, style: number): string {
  if (value === '') return '';
  return `<c r="${reference}"${style === 0 ? '' : ` s="${style}"`} t="inlineStr"><is><t${OUTER_SPACE.test(value) ? ' xml:space="preserve"' : ''}>${cellText(value)}</t></is></c>`;
}

/** Which readers may take away unless told otherwise. */
const OUTER_SPACE = /^\s|\s$/;

/**
 * ECMA-376 ST_Xstring: characters that XML cannot hold, and carriage returns, which a parser would turn into line feeds, become
 * `_xHHHH_`; text that already looks so gets its underscore escaped. Reversible.
 */
export function cellText(value: string): string {
  // Most cells have nothing to escape: one look instead of five.
  if (!/[_&<>\p{Cc}\uFFFE\uFFFF]/u.test(value)) return value;
  return value
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, escaped)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}

/** Tab, line feed and the upper controls may stand in XML as they are. */
function escaped(character: string): string {
  if (/[\t\n\u007F-\u009F]/.test(character)) return character;
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}

/** Cut between code points, with a word that says so and where the whole is. */
export function fitCell(value: string): { text: string; cut: boolean } {
  if (value.length <= MAX_CELL_UNITS) return { text: value, cut: false };
  const notice = ` […] [texte coupé à la limite du tableur ; entier dans contributions.csv et contributions.jsonl]`;
  let end = MAX_CELL_UNITS - notice.length;
  if (/[\uD800-\uDBFF]/.test(value.charAt(end - 1))) end--;
  return { text: value.slice(0, end) + notice, cut: true };
}
