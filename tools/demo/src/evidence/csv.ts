import { parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import type { Shown } from './contribution.js';

/** The rows of contributions.csv, read as its Table Schema says: one leading apostrophe is not part of the value. */
export async function readCsv(path: string): Promise<Shown[]> {
  const rows: Shown[] = [];
  const parser = createReadStream(path).pipe(parse({ bom: true, delimiter: ';', columns: true }));
  for await (const record of parser as AsyncIterable<Record<string, string>>) {
    const value = (name: string): string => (record[name] ?? '').replace(/^'/, '');
    const given = (name: string): string | undefined => value(name) || undefined;
    rows.push({
      id: value('contribution_id'), sha256: value('body_sha256'), kind: value('kind'), stance: given('stance'), title: given('title'), body: value('body'),
      section: given('section_heading'), receivedAt: value('received_at'), status: value('status'),
    });
  }
  return rows;
}
