import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { columns } from './columns.js';
import { CsvFile } from './csv-file.js';
import { exportedRow } from './exported-row.fixture.spec.js';
import { JsonlFile } from './jsonl-file.js';

const folder = mkdtempSync(join(tmpdir(), 'cahier-csv-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

let files = 0;
async function written(...bodies: string[]): Promise<{ csv: Buffer; cells: string[]; exact: string[] }> {
  const paths = [join(folder, `${++files}.csv`), join(folder, `${files}.jsonl`)] as const;
  const [csv, jsonl] = [await CsvFile.create(paths[0]), await JsonlFile.create(paths[1])];
  for (const body of bodies) for (const file of [csv, jsonl]) await file.write(exportedRow({ body }));
  await csv.close();
  await jsonl.close();
  const bytes = readFileSync(paths[0]);
  const records: Record<string, string>[] = parse(bytes, { delimiter: ';', bom: true, columns: true, record_delimiter: '\r\n' });
  const lines = readFileSync(paths[1], 'utf8').split('\n').filter(Boolean);
  return { csv: bytes, cells: records.map(({ body }) => body!), exact: lines.map((line) => (JSON.parse(line) as { text: { body: string } }).text.body) };
}

/** What the Table Schema tells readers to do. */
const restored = (cell: string) => cell.replace(/^'/, '');

const HOSTILE = [
  '=1+1', '+33 1', '-2+3', '@SUM(A1)', '\tx', '\r=x', '\n=x', '＝1', '＋1', '－1', '＠x', ';x', '"=x"', "'=1", "''", "'", '=HYPERLINK("https://evil.example";"clic")', '=IMPORTXML(A1;"//a")', "=cmd|' /C calc'!A0",
  'a"b;c\r\nd\ne', 'texte\n=1+1', ' =1', 'ligne\nligne', 'ligne\rligne', 'e\u0301 ≠ \u00e9', '\u202e\u200bx', '😀', '\u2028', '0123', '1e3', 'TRUE',
];

describe('the CSV', () => {
  it('holds no cell that a spreadsheet would run, and gives every value back by the documented rule', async () => {
    const { cells, exact } = await written(...HOSTILE);
    expect(cells.filter((cell) => /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(cell))).toEqual([]);
    expect(cells.map(restored)).toEqual(HOSTILE);
    expect(exact).toEqual(HOSTILE);
  });

  it('has one row for each contribution, also for readers to whom either half of a line break ends one', async () => {
    const { csv } = await written(...HOSTILE);
    const rows: string[][] = parse(csv, { delimiter: ';', bom: true, record_delimiter: ['\r\n', '\n', '\r'] });
    expect(rows.map((row) => row.length)).toEqual(Array.from({ length: HOSTILE.length + 1 }, () => columns.length));
  });

  it('opens in a French spreadsheet: BOM, semicolons, CRLF, a line of names', async () => {
    const { csv } = await written('x');
    expect(csv.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const [head, row, end] = csv.subarray(3).toString().split('\r\n');
    expect(head).toBe(columns.map(({ name }) => name).join(';'));
    expect(row!.split(';')).toHaveLength(columns.length);
    expect(end).toBe('');
  });

  it('has its line of names without any contribution', async () => {
    expect((await written()).csv.toString()).toContain('filing_number;');
  });
});
