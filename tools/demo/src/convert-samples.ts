import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { billOf, filingsOf, opinion } from './samples/convert.js';

/**
 * Makes `samples/republique-numerique-2015/` from the source, once: the same source gives the same bytes.
 *
 *     node tools/demo/dist/convert-samples.js <path to opinions.ndjson> <folder to write>
 */
const [source, folder] = process.argv.slice(2);
if (source === undefined || folder === undefined) {
  console.error('Usage: node tools/demo/dist/convert-samples.js <path to opinions.ndjson> <folder to write>');
  process.exit(2);
}
const opinions = readFileSync(source, 'utf8').trimEnd().split('\n').map((line) => opinion.parse(JSON.parse(line)));
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'bill.md'), billOf(opinions));
writeFileSync(join(folder, 'filings.ndjson'), filingsOf(opinions).map((filing) => `${JSON.stringify(filing)}\n`).join(''));
