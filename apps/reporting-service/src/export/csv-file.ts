import { stringify, type Stringifier } from 'csv-stringify';
import { once } from 'node:events';
import { CheckedFile, type WrittenFile } from './checked-file.js';
import { columns } from './columns.js';
import type { ExportedRow } from './exported-row.statement.js';

/**
 * `;`, UTF-8 with BOM, CRLF: what a French spreadsheet opens by a double click.
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection), and so does one that
 * begins with an apostrophe: whoever reads the file takes one leading apostrophe away and has the exact value.
 */
export class CsvFile {
  private readonly stringifier: Stringifier;
  private readonly pumped: Promise<void>;

  private constructor(private readonly file: CheckedFile) {
    this.stringifier = stringify({
      delimiter: ';', bom: true, header: true, columns: columns.map(({ name }) => name), record_delimiter: 'windows', escape_formulas: true,
      // Left alone by `escape_formulas`: what would be ambiguous when read back, and a line break before a sign.
      cast: { string: (value) => (/^['\n]/.test(value) ? `'${value}` : value) },
    });
    this.pumped = this.pump();
    // Whoever writes next, or closes, meets the failure; until then nobody listens.
    this.pumped.catch(() => undefined);
  }

  static async create(path: string): Promise<CsvFile> {
    return new CsvFile(await CheckedFile.create(path));
  }

  /** As `CheckedFile.write`. */
  write(row: ExportedRow): Promise<unknown> | undefined {
    const room = this.stringifier.write(columns.map((column) => column.value(row)));
    return room ? undefined : Promise.race([once(this.stringifier, 'drain'), this.pumped]);
  }

  async close(): Promise<WrittenFile> {
    this.stringifier.end();
    await this.pumped;
    return this.file.close();
  }

  private async pump(): Promise<void> {
    for await (const chunk of this.stringifier as AsyncIterable<Buffer>) await this.file.write(chunk);
  }
}
