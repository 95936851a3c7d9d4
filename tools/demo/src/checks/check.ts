/** What one check found. It holds when there are no differences. */
export interface Check {
  readonly name: string;
  readonly expected: string | number;
  readonly seen: string | number;
  /** One line each, naming the source keys. */
  readonly differences: readonly string[];
}

export const holds = ({ differences }: Check): boolean => differences.length === 0;

/** Compares two sets of things that have a name for people. */
export function sameMembers(name: string, expected: ReadonlySet<string>, seen: readonly string[]): Check {
  const counted = countBy(seen, (one) => one);
  return {
    name,
    expected: expected.size,
    seen: seen.length,
    differences: [
      ...[...expected].filter((one) => !counted.has(one)).map((one) => `lost: ${one}`),
      ...[...counted.keys()].filter((one) => !expected.has(one)).map((one) => `phantom: ${one}`),
      ...[...counted].filter(([, times]) => times > 1).map(([one, times]) => `${times} times: ${one}`),
    ],
  };
}

/** Compares two tables of counts. */
export function sameCounts(name: string, expected: ReadonlyMap<string, number>, seen: ReadonlyMap<string, number>): Check {
  const names = [...new Set([...expected.keys(), ...seen.keys()])];
  return {
    name,
    expected: describeCounts(expected),
    seen: describeCounts(seen),
    differences: names.filter((one) => (expected.get(one) ?? 0) !== (seen.get(one) ?? 0)).map((one) => `${one}: ${expected.get(one) ?? 0} expected, ${seen.get(one) ?? 0} seen`),
  };
}

export function countBy<T>(all: Iterable<T>, nameOf: (one: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(nameOf(one), (counts.get(nameOf(one)) ?? 0) + 1);
  return counts;
}

function describeCounts(counts: ReadonlyMap<string, number>): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return counts.size > 4 ? `${counts.size} groups, ${total}` : [...counts].sort().map(([name, count]) => `${name} ${count}`).join(', ');
}
