import { anomalyClasses, countByClass } from './checker/check.js';
import type { Result } from './world/run-scenario.js';

/** Whether nothing is wrong with it. */
export const isWell = ({ anomalies, failure }: Result): boolean => anomalies.length === 0 && failure === undefined;

const verdictOf = (result: Result): string => (result.skipped !== undefined ? `skipped: ${result.skipped}` : isWell(result) ? 'holds' : (result.failure ?? 'ANOMALIES'));

/** Scenario × class of anomaly, for people; Markdown too. */
export function table(results: readonly Result[]): string {
  const head = ['scenario', 'filings', 'accepted', 'sent again', 's', ...anomalyClasses, 'verdict'];
  const rows = results.map((result) => {
    const counts = countByClass(result.anomalies);
    return [`${result.id} ${result.title}`, result.filings, result.accepted, result.retries, Math.round(result.seconds), ...anomalyClasses.map((name) => counts.get(name) ?? 0), verdictOf(result)].map(String);
  });
  const widths = head.map((name, n) => Math.max(name.length, ...rows.map((row) => row[n]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** The first anomalies of each kind, one a line. */
export function detailsOf({ id, anomalies, failure }: Result, most = 5): string[] {
  const kinds = Map.groupBy(anomalies, (anomaly) => `${anomaly.class} ${anomaly.invariant}`);
  return [...(failure === undefined ? [] : [`${id}: ${failure}`]), ...[...kinds].flatMap(([kind, all]) => [...all.slice(0, most).map(({ key, detail }) => `${id} ${kind}: ${key} ${detail}`), ...(all.length > most ? [`${id} ${kind}: and ${all.length - most} more`] : [])])];
}
