import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copiedLines, valuesOf } from './copied-lines.js';

/** As PostgreSQL's CopyAttributeOutText writes it. */
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' };
const copied = (rows: readonly (readonly (string | null)[])[]): Buffer =>
  Buffer.from(rows.map((row) => `${row.map((value) => (value === null ? '\\N' : value.replace(/[\\\b\f\n\r\t\v]/g, (character) => ESCAPED[character]!))).join('\t')}\n`).join(''));

async function* inPieces(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const length of lengths) {
    yield bytes.subarray(at, at + length);
    at += length;
  }
  yield bytes.subarray(at);
}

const value = fc.option(fc.oneof(fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()), fc.constantFrom('\\N', '\\', '\n', '\t', '', '\\.', 'a\r\nb')), { nil: null });

describe('rows as COPY writes them', () => {
  it('are given back value by value, wherever the bytes are cut', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.array(value, { minLength: 3, maxLength: 3 })), fc.array(fc.nat(20)), async (rows, lengths) => {
      const read: (string | null)[][] = [];
      for await (const batch of copiedLines(inPieces(copied(rows), lengths))) read.push(...batch.map(valuesOf));
      expect(read).toEqual(rows);
    }));
  });
});
