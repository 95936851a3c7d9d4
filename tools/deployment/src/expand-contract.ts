/**
 * What takes something away from a version that still runs beside this one, or holds a table locked while it rewrites it: a
 * migration that does this says so and why, on the line above, by `contract:`. docs/deployment.md has the steps.
 */
const TAKES_AWAY: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['drops', /\bDROP\s+(?:TABLE|COLUMN|VIEW|FUNCTION|TYPE|SCHEMA|CONSTRAINT|INDEX)\b/i],
  ['renames', /\bRENAME\s+(?:TO|COLUMN|CONSTRAINT)\b/i],
  ['changes a type', /\bALTER\s+(?:COLUMN\s+)?\w+\s+(?:SET\s+DATA\s+)?TYPE\b/i],
  ['refuses NULL', /\bSET\s+NOT\s+NULL\b/i],
  ['adds a column that old versions do not fill', /\bADD\s+(?!CONSTRAINT\b)(?:COLUMN\s+)?\w+\s+(?:(?!\bDEFAULT\b|\bGENERATED\b)[^,;`'])*\bNOT\s+NULL\b(?!\s+(?:DEFAULT|GENERATED))/i],
  ['empties', /(?<!\bOR\s)\bTRUNCATE\b/i],
];

/** @param source of a migration. @returns one line for each statement of `up` that an older version would not survive. */
export function contractions(source: string): string[] {
  const up = source.slice(source.indexOf('async up('), source.includes('async down(') ? source.indexOf('async down(') : undefined);
  const lines = up.split('\n');
  return lines.flatMap((line, index) => {
    if (/\bcontract:\s*\S/.test(lines[index - 1] ?? '')) return [];
    return TAKES_AWAY.filter(([, pattern]) => pattern.test(line)).map(([what]) => `${what}: ${line.trim()}`);
  });
}
