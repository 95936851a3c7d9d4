import { columns } from './columns.js';
import { columnName, textCell } from './xlsx-cells.js';

/** Indexes into `cellXfs` of the style sheet. */
export const STYLE = { text: 0, header: 1 } as const;

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const last = columnName(columns.length - 1);

/** Sheets of contributions, then the dictionary. */
const numbers = (sheets: number) => Array.from({ length: sheets + 1 }, (_, index) => index + 1);
const sheetTitle = (number: number, sheets: number) => (number > sheets ? 'Dictionnaire' : sheets === 1 ? 'Contributions' : `Contributions ${number}`);

export function contentTypes(sheets: number): string {
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  return `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/>${numbers(sheets).map((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${type}.worksheet+xml"/>`).join('')}</Types>`;
}

export function packageRelations(): string {
  return `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;
}

export function workbook(sheets: number): string {
  return `${XML}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${numbers(sheets).map((n) => `<sheet name="${sheetTitle(n, sheets)}" sheetId="${n}" r:id="rId${n}"/>`).join('')}</sheets></workbook>`;
}

export function workbookRelations(sheets: number): string {
  return `${XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${numbers(sheets).map((n) => `<Relationship Id="rId${n}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${n}.xml"/>`).join('')}<Relationship Id="rId${sheets + 2}" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`;
}

/** Text at the top of its cell and wrapped; headings bold on a tint with a line below. */
export function styles(): string {
  return `${XML}<styleSheet xmlns="${MAIN}"><fonts count="2"><font><sz val="10"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="10"/><color rgb="FF12304F"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE6EDF5"/><bgColor indexed="64"/></patternFill></fill></fills><borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/><bottom style="thin"><color rgb="FF12304F"/></bottom><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf numFmtId="49" fontId="1" fillId="2" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;
}

/** Up to the first contribution: the heading stays in sight. */
export function sheetHead(): string {
  return `${XML}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="13.5"/>${widths(columns.map(({ width }) => width))}<sheetData>${headRow(columns.map(({ title }) => title.fr))}`;
}

export function sheetTail(rows: number): string {
  return `</sheetData><autoFilter ref="A1:${last}${rows}"/></worksheet>`;
}

/** What each column means, in both languages. */
export function dictionarySheet(): string {
  const rows = columns.map(({ name, title, description, labels }, index) =>
    row(index + 2, [title.fr, description.fr, title.en, description.en, name, Object.entries(labels ?? {}).map(([code, label]) => `${label.fr} (${code})`).join(', ')], STYLE.text));
  return `${XML}<worksheet xmlns="${MAIN}"><sheetFormatPr defaultRowHeight="13.5"/>${widths([24, 60, 24, 60, 20, 60])}<sheetData>${headRow(['Colonne', 'Signification', 'Column', 'Meaning', 'contributions.csv', 'Valeurs'])}${rows.join('')}</sheetData></worksheet>`;
}

const widths = (all: readonly number[]) => `<cols>${all.map((width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`).join('')}</cols>`;
const headRow = (titles: readonly string[]) => row(1, titles, STYLE.header);
const row = (number: number, cells: readonly string[], style: number) => `<row r="${number}">${cells.map((cell, index) => textCell(`${columnName(index)}${number}`, cell, style)).join('')}</row>`;
