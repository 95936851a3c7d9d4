import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import yauzl from 'yauzl';
import { columns } from './columns.js';
import { exportedRow } from './exported-row.fixture.spec.js';
import type { ExportedRow } from './exported-row.statement.js';
import { cellText, columnName, MAX_CELL_UNITS } from './xlsx-cells.js';
import { XlsxFile } from './xlsx-file.js';

const folder = mkdtempSync(join(tmpdir(), 'cahier-xlsx-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

let files = 0;
async function written(rows: readonly ExportedRow[], rowsPerSheet?: number): Promise<{ path: string; parts: Map<string, string>; cut: number; dates: Set<string> }> {
  const path = join(folder, `${++files}.xlsx`);
  const file = await XlsxFile.create(path, rows.length, rowsPerSheet);
  for (const row of rows) await file.write(row);
  await file.close();
  return { path, cut: file.cutCells, ...(await unzip(path)) };
}

async function unzip(path: string): Promise<{ parts: Map<string, string>; dates: Set<string> }> {
  const zip = await yauzl.openPromise(path);
  const parts = new Map<string, string>();
  const dates = new Set<string>();
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    parts.set(entry.fileName, Buffer.concat(chunks).toString());
    dates.add(`${entry.lastModFileDate}/${entry.lastModFileTime}/${entry.extraFields.length}`);
  }
  return { parts, dates };
}

/** Cells as a spreadsheet reads them. */
function cells(sheet: string): string[][] {
  const decoded = (text: string) => text
    .replace(/&(lt|gt|amp);/g, (_, name: 'lt' | 'gt' | 'amp') => ({ lt: '<', gt: '>', amp: '&' })[name])
    .replace(/_x([0-9A-F]{4})_/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return [...sheet.matchAll(/<row r="\d+">(.*?)<\/row>/gs)].map(([, row]) => {
    const values: string[] = columns.map(() => '');
    for (const [, name, preserved, text] of row!.matchAll(/<c r="([A-Z]+)\d+"(?: s="\d")? t="inlineStr"><is><t( xml:space="preserve")?>(.*?)<\/t><\/is><\/c>/gs)) values[[...Array(60).keys()].map(columnName).indexOf(name!)] = decoded(preserved ? text! : text!.trim());
    return values;
  });
}

const body = columns.findIndex(({ name }) => name === 'body');
const HOSTILE = ['=HYPERLINK("https://evil.example")', '+1', '@x', '<b>&amp;</b>', ']]>', '_x0041_', '__x000D_', 'a\r\nb\tc\n', '\u0001\u001f', '\uFFFE', ' bords ', '😀 e\u0301', '007', '1E3'];

describe('the spreadsheet', () => {
  it('holds every value as text, exactly, with French labels and a dictionary', async () => {
    const { parts } = await written(HOSTILE.map((text) => exportedRow({ body: text, kind: 'evidence', stance: 'oppose' })));
    const [head, ...rows] = cells(parts.get('xl/worksheets/sheet1.xml')!);
    expect(head).toEqual(columns.map(({ title }) => title.fr));
    expect(rows.map((row) => row[body])).toEqual(HOSTILE);
    expect(rows[0]).toEqual(expect.arrayContaining(['source', 'contre', 'déposée']));
    expect(parts.get('xl/worksheets/sheet1.xml')).not.toMatch(/<f>|<v>/);
    expect(parts.get('xl/workbook.xml')).toContain('name="Dictionnaire"');
    expect(parts.get('xl/worksheets/sheet2.xml')).toContain('Filing number');
  });

  it('goes on in another sheet where one is full, each with its heading, and names them all', async () => {
    const rows = Array.from({ length: 7 }, (_, n) => exportedRow({ body: `T${n}` }));
    const { parts } = await written(rows, 4);
    const sheets = [1, 2, 3].map((n) => cells(parts.get(`xl/worksheets/sheet${n}.xml`)!));
    expect(sheets.map((sheet) => sheet.length)).toEqual([4, 4, 2]);
    expect(sheets.flatMap((sheet) => sheet.slice(1).map((row) => row[body]))).toEqual(rows.map((row) => row.body));
    expect([...parts.get('xl/workbook.xml')!.matchAll(/sheet name="([^"]+)"/g)].map(([, name]) => name)).toEqual(['Contributions 1', 'Contributions 2', 'Contributions 3', 'Dictionnaire']);
    expect([...parts.keys()].filter((name) => name.startsWith('xl/worksheets'))).toHaveLength(4);
  });

  it('cuts what is longer than a cell, between characters, says so, and counts it', async () => {
    const { parts, cut } = await written([exportedRow({ body: '😀'.repeat(20_000) }), exportedRow({ body: 'x'.repeat(MAX_CELL_UNITS) })]);
    const [, long, full] = cells(parts.get('xl/worksheets/sheet1.xml')!);
    expect(long![body]!.length).toBeLessThanOrEqual(MAX_CELL_UNITS);
    expect(long![body]).toMatch(/^(😀)+ \[…\] \[texte coupé/u);
    expect(long![body]!.isWellFormed()).toBe(true);
    expect(full![body]).toBe('x'.repeat(MAX_CELL_UNITS));
    expect(cut).toBe(1);
  });

  it('knows no time: every entry bears the first day of the format, which no zone of the machine can move', async () => {
    const { path, dates } = await written([exportedRow()]);
    expect([...dates]).toEqual([`${(1 << 5) | 1}/0/0`]);
    expect(readFileSync(path).equals(readFileSync((await written([exportedRow()])).path))).toBe(true);
  });
});

describe('the text of a cell', () => {
  it('escapes what XML cannot hold and what looks so already', () => { expect(cellText('\u0000_x0000_\r')).toBe('_x0000__x005F_x0000__x000D_'); });
  it.each([[0, 'A'], [25, 'Z'], [26, 'AA'], [701, 'ZZ'], [702, 'AAA']])('stands in column %i: %s', (index, name) => { expect(columnName(index)).toBe(name); });
});
