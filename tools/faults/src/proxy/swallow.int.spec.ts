import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testServers } from '@cahier/testing';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { ChaosProxy } from './chaos-proxy.js';

const table = `swallow_${randomBytes(6).toString('hex')}`;

describe('a CommandComplete that is swallowed', () => {
  const direct = new Client({ connectionString: testServers().postgresAdminUrl });
  let proxy: ChaosProxy;

  beforeAll(async () => {
    await direct.connect();
    await direct.query(`CREATE TABLE ${table} (n int)`);
    proxy = await ChaosProxy.start(Number(new URL(testServers().postgresAdminUrl).port), 'postgres');
  });
  afterAll(async () => {
    await direct.query(`DROP TABLE ${table}`);
    await direct.end();
    await proxy.close();
  });

  async function throughProxy(): Promise<Client> {
    const url = new URL(testServers().postgresAdminUrl);
    url.port = String(proxy.port);
    const client = new Client({ connectionString: url.href, query_timeout: 500 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
  /** Whatever was done to its connection; it may be past saying goodbye. */
  const leave = async (client: Client): Promise<void> => client.end().catch(() => undefined);
  const rows = async (n: number) => (await direct.query(`SELECT FROM ${table} WHERE n = $1`, [n])).rowCount;

  it('leaves the client without an answer, and the row committed', async () => {
    const client = await throughProxy();
    proxy.swallow({ statement: /^INSERT/, then: 'stall', times: 1 });
    await expect(client.query(`INSERT INTO ${table} VALUES (1)`)).rejects.toThrow('timeout');
    expect([await rows(1), proxy.hits]).toEqual([1, 1]);
    proxy.heal();
    await leave(client);
  });

  it('finds a prepared statement by what was parsed under its name, and closes', async () => {
    const client = await throughProxy();
    const insert = { name: 'put', text: `WITH put AS (INSERT INTO ${table} VALUES ($1) RETURNING n) SELECT n FROM put` };
    await client.query({ ...insert, values: [2] }); // parsed here
    proxy.swallow({ statement: /INSERT INTO/, then: 'close', times: 1 });
    await expect(client.query({ ...insert, values: [3] })).rejects.toThrow(/ECONNRESET|terminated/);
    expect([await rows(2), await rows(3)]).toEqual([1, 1]);
    await leave(client);
  });

  it('takes the COMMIT of a transaction only, and so many times', async () => {
    proxy.swallow({ statement: /COMMIT/, then: 'close', times: 1 });
    const client = await throughProxy();
    await client.query('BEGIN');
    await client.query(`INSERT INTO ${table} VALUES (4)`);
    await expect(client.query('COMMIT')).rejects.toThrow(/ECONNRESET|terminated/);
    expect(await rows(4)).toBe(1);
    const again = await throughProxy();
    await again.query('BEGIN');
    await again.query('COMMIT');
    await again.end();
    await leave(client);
  });
});
