import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { archiveNow, backUp, startRestored } from './backup.js';
import { startStack } from './stack.js';
import { throwAwayFolder } from './throw-away.js';
import type { Stack } from './types.js';

jest.setTimeout(120_000);

let stack: Stack<'postgres'>;
beforeAll(async () => {
  const given = process.env['TEST_POSTGRES_URL'];
  delete process.env['TEST_POSTGRES_URL']; // a server of our own: it is backed up
  try {
    stack = await startStack({ parts: ['postgres'], folder: await throwAwayFolder('backup'), throwAway: true, durability: 'test' });
  } finally {
    if (given !== undefined) process.env['TEST_POSTGRES_URL'] = given;
  }
});
afterAll(() => stack.stop());

async function ask<R>(adminUrl: string, sql: string): Promise<R[]> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows as R[];
  } finally {
    await client.end();
  }
}

describe('a backup', () => {
  it('gives back the moment that was asked for, or all that its log has, in a server that can be written to', async () => {
    const { adminUrl } = stack.postgres;
    const write = (word: string) => ask(adminUrl, `INSERT INTO said VALUES ('${word}')`);
    await ask(adminUrl, 'CREATE TABLE said (word text)');
    await write('before');
    const [row] = await ask<{ folder: string }>(adminUrl, `SELECT current_setting('data_directory') AS folder`);
    const folder = join(dirname(row!.folder), 'backup');
    await backUp(stack.postgres, folder);
    await expect(backUp(stack.postgres, folder)).rejects.toThrow('There is a backup');
    await write('in time');
    const [{ now }] = await ask<{ now: Date }>(adminUrl, 'SELECT clock_timestamp() AS now') as [{ now: Date }];
    await sleep(50);
    await write('too late');
    await archiveNow(stack.postgres);

    const words = async (url: string) => (await ask<{ word: string }>(url, 'SELECT word FROM said')).map(({ word }) => word);
    const earlier = await startRestored(stack, 'earlier', folder, now);
    expect(await words(earlier.adminUrl)).toEqual(['before', 'in time']);
    await ask(earlier.adminUrl, `INSERT INTO said VALUES ('after')`);
    const latest = await startRestored(stack, 'latest', folder);
    expect(await words(latest.adminUrl)).toEqual(['before', 'in time', 'too late']);
    expect(await words(adminUrl)).toEqual(['before', 'in time', 'too late']);
  });
});
