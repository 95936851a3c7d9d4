import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const project = join(import.meta.dirname, '../../../..');
interface Package { readonly name: string; readonly licence: string }
const { productionPackages, isAllowed, licencesDocument } = (await import(join(project, 'tools/licences.mjs'))) as {
  productionPackages(): Package[];
  isAllowed(licence: string): boolean;
  licencesDocument(packages: readonly Package[]): string;
};
const packages = productionPackages();

describe('what runs in production', () => {
  it('is all known, and goes with MIT', () => {
    for (const name of ['fastify', 'kafkajs', 'mjml', 'pg', 'redis', 'typeorm']) expect(packages.map((one) => one.name)).toContain(name);
    expect(packages.map(({ name }) => name)).not.toContain('jest');
    expect(packages.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
  });

  it('is what docs/licences.md says; after a change: npm run docs', () => {
    expect(licencesDocument(packages)).toBe(readFileSync(join(project, 'docs/licences.md'), 'utf8'));
  });
});

describe('a licence', () => {
  it.each([['MIT', true], ['(MIT OR GPL-3.0)', true], ['MIT AND OFL-1.1', true], ['GPL-3.0', false], ['MIT AND AGPL-3.0', false], ['SEE LICENSE IN x', false], ['unknown', false], ['UNLICENSED', false]])('%s: %s', (licence, allowed) => {
    expect(isAllowed(licence)).toBe(allowed);
  });
});
