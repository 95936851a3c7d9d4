import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ReportOrder } from '../export/report-order.js';
import { ForkedReportMaker } from './report-maker.js';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'cahier-maker-')); });
afterAll(() => { rmSync(folder, { recursive: true }); });

function makerOf(program: string): ForkedReportMaker {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  return new ForkedReportMaker(pathToFileURL(file));
}

const make = (program: string) => makerOf(program).make({} as ReportOrder, new AbortController().signal);

describe('a process that makes a report', () => {
  it('is heard and ended when it has answered, also one that would never end by itself', async () => {
    const outcome = { outcome: 'failed', cause: 'x' };
    await expect(make(`setInterval(() => undefined, 1_000); process.once('message', () => process.send(${JSON.stringify(outcome)}));`)).resolves.toEqual(outcome);
  });

  it('that ends without a word has made nothing', async () => {
    await expect(make(`process.once('message', () => process.exit(0));`)).resolves.toEqual({ outcome: 'interrupted', cause: expect.stringContaining('(0)') });
  });
});
