import { columns } from './columns.js';

/** Frictionless Table Schema of contributions.csv, with the column dictionary in French and English. */
export function tableSchema(): object {
  return {
    $schema: 'https://specs.frictionlessdata.io/schemas/table-schema.json',
    path: 'contributions.csv',
    dialect: { delimiter: ';', lineTerminator: '\r\n', quoteChar: '"', doubleQuote: true, header: true },
    encoding: 'utf-8',
    comment: {
      fr: 'Une apostrophe précède les cellules qu’un tableur prendrait pour une formule, et celles qui commencent par une apostrophe : ôter une apostrophe initiale rend la valeur exacte, celle de contributions.jsonl.',
      en: 'An apostrophe precedes cells that a spreadsheet would take for a formula, and those that begin with an apostrophe: take one leading apostrophe away to have the exact value, that of contributions.jsonl.',
    },
    fields: columns.map(({ name, title, description, format, labels }) => ({
      name,
      type: format === 'datetime' ? 'datetime' : 'string',
      ...(format === 'uuid' || format === 'uri' ? { format } : {}),
      title: title.fr,
      title_en: title.en,
      description: description.fr,
      description_en: description.en,
      ...(labels && { constraints: { enum: Object.keys(labels) }, labels }),
    })),
    primaryKey: ['contribution_id'],
    missingValues: [''],
  };
}
