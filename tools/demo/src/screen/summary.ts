import { holds, type Check } from '../checks/check.js';

const MOST_DIFFERENCES = 20;

/** The table at the end, and below it what differs. */
export function summary(checks: readonly Check[]): string {
  const rows = [['check', 'expected', 'seen', ''], ...checks.map((check) => [check.name, String(check.expected), String(check.seen), holds(check) ? 'ok' : 'DIFFERS'])];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}`);
  return [...table, ...checks.filter((check) => !holds(check)).flatMap(differencesOf)].join('\n');
}

function differencesOf({ name, differences }: Check): string[] {
  const more = differences.length - MOST_DIFFERENCES;
  return ['', `${name}:`, ...differences.slice(0, MOST_DIFFERENCES).map((line) => `  - ${line}`), ...(more > 0 ? [`  … and ${more} more`] : [])];
}
