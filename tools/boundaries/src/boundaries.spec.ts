import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ICruiseResult } from 'dependency-cruiser';
import { ESLint } from 'eslint';

const root = resolve(import.meta.dirname, '../../..');
const { forbidden } = createRequire(import.meta.url)(resolve(root, '.dependency-cruiser.cjs')) as { forbidden: { name: string }[] };

/** The files whose name is not the rule they break. */
const rolesOf: Record<string, string> = {
  'thing.entity': 'entity-is-pure',
  'store-thing.statement': 'statement-is-sql',
  'change-thing.use-case': 'use-case-knows-no-entry',
  'thing.controller': 'controller-only-translates',
  'no-circular-other': 'no-circular',
};

describe('dependency rules', () => {
  it('fire on their violating file, each and only there', () => {
    const run = spawnSync('depcruise', ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...['apps', 'libs'].map((folder) => `tools/boundaries/violations/${folder}`)], {
      cwd: root, encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, PATH: `${root}/node_modules/.bin:${process.env['PATH']}`, NODE_OPTIONS: '' },
    });
    const { summary } = JSON.parse(run.stdout) as ICruiseResult;
    const seen = summary.violations.map(({ from, rule }) => {
      const file = from.replace(/^.*\//, '').replace(/\.ts$/, '');
      return { breaks: rolesOf[file] ?? file, fired: rule.name };
    });

    expect(seen.filter(({ breaks, fired }) => breaks !== fired)).toEqual([]);
    expect([...new Set(seen.map(({ fired }) => fired))].sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });
});

describe('lint rules', () => {
  const expected: Record<string, string> = {
    'any.ts': '@typescript-eslint/no-explicit-any',
    'console.ts': 'no-console',
    'environment.ts': 'Only config.ts',
    'floating.ts': '@typescript-eslint/no-floating-promises',
    'focused.spec.ts': 'no-restricted-properties',
    'parallel-in-transaction.ts': 'One transaction is one connection',
    'transaction-escape.ts': 'Inside a transaction write through its own handle',
    'try-in-transaction.ts': 'Catch outside the transaction',
    'unasked-clock.ts': 'Ask the Clock',
  };
  const eslint = new ESLint({ cwd: root, ignore: false });

  it('have a violating file each', () => {
    expect(readdirSync(resolve(root, 'tools/boundaries/violations/lint')).sort()).toEqual(Object.keys(expected));
  });

  it.each(Object.entries(expected))('%s is refused: %s', async (file, rule) => {
    const [result] = await eslint.lintFiles([`tools/boundaries/violations/lint/${file}`]);
    expect(result!.messages.map(({ ruleId, message }) => (ruleId === 'no-restricted-syntax' ? message : ruleId))).toEqual([expect.stringContaining(rule)]);
  });
});
