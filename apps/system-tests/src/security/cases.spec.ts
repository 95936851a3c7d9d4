import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const project = join(import.meta.dirname, '../../../..');
const rows = [...readFileSync(join(project, 'docs/security.md'), 'utf8').matchAll(/^\| ([\d, –]+) \| (.+?) \|(?: (.+?) \|)?$/gm)].map(([, numbers = '', , where]) => ({ numbers, where }));

/** `1, 3–5` → 1, 3, 4, 5. */
const each = (numbers: string): number[] => numbers.split(', ').flatMap((part) => {
  const [from = 0, to = from] = part.split('–').map(Number);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
});

describe('docs/security.md', () => {
  it('has all 76 cases', () => {
    expect([...new Set(rows.flatMap(({ numbers }) => each(numbers)))].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 76 }, (_, i) => i + 1));
  });

  it.each(rows.filter(({ where }) => where !== undefined))('names a test that there is for $numbers', ({ where }) => {
    const [, file = '', title = ''] = /^`([^`]+)` › `(.+)`$/.exec(where!) ?? [];
    expect([file, existsSync(join(project, file))]).toEqual([file, true]);
    expect(readFileSync(join(project, file), 'utf8')).toContain(title);
  });
});
