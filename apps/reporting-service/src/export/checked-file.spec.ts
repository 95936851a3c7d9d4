import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { CheckedFile } from './checked-file.js';

const folder = mkdtempSync(join(tmpdir(), 'cahier-file-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe('a checked file', () => {
  it('says what is in it', async () => {
    const path = join(folder, 'a');
    const file = await CheckedFile.create(path);
    for (let n = 0; n < 20_000; n++) await file.write(`ligne é ${n}\n`);
    const { bytes, sha256 } = await file.close();
    const content = readFileSync(path);
    expect([bytes, sha256]).toEqual([content.length, createHash('sha256').update(content).digest('hex')]);
    expect(content.toString().split('\n')).toHaveLength(20_001);
  });

  it('takes chunks longer than its buffer, texts and bytes, in their order', async () => {
    const path = join(folder, 'long');
    const file = await CheckedFile.create(path);
    const chunks = ['début ', 'é'.repeat(400_000), Buffer.from(' milieu '), Buffer.alloc(300_000, 'x'), ' fin'];
    for (const chunk of chunks) await file.write(chunk);
    await file.close();
    expect(readFileSync(path).equals(Buffer.concat(chunks.map((chunk) => Buffer.from(chunk))))).toBe(true);
  });

  it('is refused when the disk gives back something else', async () => {
    const path = join(folder, 'b');
    const file = await CheckedFile.create(path);
    await file.write('x'.repeat(300 * 1024));
    writeFileSync(path, 'y');
    await expect(file.close()).rejects.toThrow('other bytes');
  });

  it('is never one that exists', async () => {
    writeFileSync(join(folder, 'c'), '');
    await expect(CheckedFile.create(join(folder, 'c'))).rejects.toThrow('EEXIST');
  });
});
