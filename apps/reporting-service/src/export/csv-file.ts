import { CheckedFile, type WrittenFile } from './checked-file.js';
import { columns } from './columns.js';
import type { ExportedRow } from './exported-row.statement.js';

/**
 * `;`, UTF-8 with BOM, CRLF: what a French spreadsheet opens by a double click.
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection), and so does one that
 * begins with an apostrophe: whoever reads the file takes one leading apostrophe away and has the exact value.
 */
export class CsvFile {
  private constructor(private readonly file: CheckedFile) {}

  static async create(path: string): Promise<CsvFile> {
    const file = await CheckedFile.create(path);
    await file.write(`\uFEFF${columns.map(({ name }) => name).join(';')}\r\n`);
    return new CsvFile(file);
  }

  /** As `CheckedFile.write`. */
  write(row: ExportedRow): Promise<void> | undefined {
    return this.file.write(`${columns.map((column) => cell(column.value(row))).join(';')}\r\n`);
  }

  async close(): Promise<WrittenFile> {
    return this.file.close();
  }
}

/** Signs in both widths, and white space that some spreadsheets pass over before one. */
const AMBIGUOUS = /^['=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
/** Either half of a line break ends a row for some readers. */
const SPECIAL = /[;"\r\n]/;

function cell(value: string): string {
  const plain = AMBIGUOUS.test(value) ? `'${value}` : value;
  return SPECIAL.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
