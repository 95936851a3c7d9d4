import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { awaitedElsewhere } from '@cahier/platform/awaited-elsewhere';
import { ZipFile } from 'yazl';
import { CheckedFile, type WrittenFile } from './checked-file.js';
import { columns } from './columns.js';
import type { ExportedRow } from './exported-row.statement.js';
import { columnName, fitCell, textCell } from './xlsx-cells.js';
import { contentTypes, dictionarySheet, packageRelations, sheetHead, sheetTail, styles, STYLE, workbook, workbookRelations } from './xlsx-parts.js';

/** Rows of one sheet, its header included: Excel's limit. */
const MAX_ROWS = 1_048_576;
const BUFFER_UNITS = 128 * 1024;

/** Before the format's first day in any time zone, so that the archive holds that day whatever the zone of the machine (yazl writes local time). */
const NO_TIME = { mtime: new Date(0), forceDosTimestamp: true, mode: 0o100644 } as const;

/**
 * The contributions for people: French headings and labels, a dictionary sheet, everything as text.
 * Written row by row, in constant memory.
 */
export class XlsxFile {
  private readonly zip = new ZipFile();
  private readonly pumped: Promise<void>;
  private sheet: PassThrough | undefined;
  private sheets = 0;
  private row = 0;
  private buffer = '';
  private cut = 0;

  private constructor(private readonly file: CheckedFile, total: number, private readonly rowsPerSheet: number) {
    const sheets = Math.max(1, Math.ceil(total / (rowsPerSheet - 1)));
    this.add('[Content_Types].xml', contentTypes(sheets));
    this.add('_rels/.rels', packageRelations());
    this.add('xl/workbook.xml', workbook(sheets));
    this.add('xl/_rels/workbook.xml.rels', workbookRelations(sheets));
    this.add('xl/styles.xml', styles());
    this.openSheet();
    // Whoever writes next, or closes, meets its failure.
    this.pumped = awaitedElsewhere(this.pump());
  }

  /** @param total rows that will be written: the parts that name the sheets come first. */
  static async create(path: string, total: number, rowsPerSheet = MAX_ROWS): Promise<XlsxFile> {
    return new XlsxFile(await CheckedFile.create(path), total, rowsPerSheet);
  }

  /** Cells whose text was longer than a spreadsheet takes. */
  get cutCells(): number {
    return this.cut;
  }

  /** As `CheckedFile.write`. */
  write(row: ExportedRow): Promise<unknown> | undefined {
    if (this.row === this.rowsPerSheet) {
      this.closeSheet();
      this.openSheet();
    }
    const r = ++this.row;
    this.buffer += `<row r="${r}">${columns.map((column, index) => this.cell(`${NAMES[index]}${r}`, column.labels?.[column.value(row)]?.fr ?? column.value(row))).join('')}</row>`;
    return this.buffer.length >= BUFFER_UNITS ? this.flush() : undefined;
  }

  async close(): Promise<WrittenFile> {
    this.closeSheet();
    this.add(`xl/worksheets/sheet${this.sheets + 1}.xml`, dictionarySheet());
    this.zip.end();
    await this.pumped;
    return this.file.close();
  }

  private cell(reference: string, value: string): string {
    const { text, cut } = fitCell(value);
    if (cut) this.cut++;
    return textCell(reference, text, STYLE.text);
  }

  private openSheet(): void {
    this.sheet = new PassThrough();
    this.zip.addReadStream(this.sheet, `xl/worksheets/sheet${++this.sheets}.xml`, { ...NO_TIME, compressionLevel: 1 });
    this.row = 1;
    this.buffer = sheetHead();
  }

  private closeSheet(): void {
    this.sheet!.end(this.buffer + sheetTail(this.row));
  }

  private flush(): Promise<unknown> | undefined {
    const chunk = this.buffer;
    this.buffer = '';
    return this.sheet!.write(chunk) ? undefined : Promise.race([once(this.sheet!, 'drain'), this.pumped]);
  }

  private add(name: string, content: string): void {
    this.zip.addBuffer(Buffer.from(content), name, NO_TIME);
  }

  private async pump(): Promise<void> {
    for await (const chunk of this.zip.outputStream as AsyncIterable<Buffer>) await this.file.write(chunk);
  }
}

const NAMES = columns.map((_, index) => columnName(index));
