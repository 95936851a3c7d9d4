/** Columns under their headings, as wide as they must be. A row of nothing is said to be so by the caller. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}

/** `2026-11-27 20:31:07Z`: to be read, not parsed. */
export const instant = (iso: string | null): string => (iso === null ? '–' : `${iso.slice(0, 19).replace('T', ' ')}Z`);
