import { readFileSync } from 'node:fs';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

/** The text of a PDF, page by page, in reading order, one space for any white space. */
export async function readPdf(path: string): Promise<string[]> {
  const loading = getDocument({ data: new Uint8Array(readFileSync(path)), verbosity: 0 });
  const document = await loading.promise;
  try {
    const pages: string[] = [];
    for (let number = 1; number <= document.numPages; number++) {
      const { items } = await (await document.getPage(number)).getTextContent();
      pages.push(items.map((item) => ('str' in item ? item.str + (item.hasEOL ? ' ' : '') : '')).join('').replace(/\s+/g, ' '));
    }
    return pages;
  } finally {
    await loading.destroy();
  }
}

/** The number of contributions that the report states first, such as « 4 986 contributions ». */
export function totalIn(pages: readonly string[]): number | undefined {
  for (const page of pages) {
    const [, digits] = /(?<!\d )(?<!\d)(\d{1,3}(?: ?\d{3})*) contributions?\b/i.exec(page) ?? [];
    if (digits !== undefined) return Number(digits.replaceAll(' ', ''));
  }
  return undefined;
}
