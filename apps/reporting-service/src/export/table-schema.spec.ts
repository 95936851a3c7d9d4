import { audience, contributionKind, contributionStatus, language, publicationPreference, stance } from '@cahier/contracts';
import { describe, expect, it } from '@jest/globals';
import { columns } from './columns.js';
import { tableSchema } from './table-schema.js';

describe('the table schema', () => {
  const { fields } = tableSchema() as { fields: { name: string; description: string; description_en: string; constraints?: { enum: string[] } }[] };

  it('describes every column of the CSV in its order, in both languages', () => {
    expect(fields.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
    expect(fields.filter(({ description, description_en }) => !description || !description_en)).toEqual([]);
  });

  it('knows every code of the vocabulary', () => {
    const vocabulary = { status: contributionStatus, kind: contributionKind, stance, audience, language, publication: publicationPreference };
    for (const [name, { options }] of Object.entries(vocabulary)) expect([name, fields.find((field) => field.name === name)?.constraints?.enum.toSorted()]).toEqual([name, options.toSorted()]);
  });
});
