import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@cahier/platform';
import { testConfig } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { configSchema } from '../config.js';
import { outcomeOf, type ReportFile } from '../export/report-order.js';
import { contribution, heardCampaign, reportIn, startService, submit, until } from '../harness.spec.js';
import { BucketStore } from './bucket-store.js';
import { FolderStore } from './folder-store.js';
import { type Attempt, NotStored, type ReportStore } from './report-store.js';

jest.setTimeout(60_000);

const scratch = mkdtempSync(join(tmpdir(), 'cahier-store-'));
afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });

/**
 * An S3 server as a process of its own, on one address for its whole life. It knows keys by their name: signatures it computes
 * otherwise than S3 does for a bucket’s own path, which ends with a slash.
 */
class S3Server {
  static readonly settings = { REPORT_STORE_BUCKET: 'reports', REPORT_STORE_REGION: 'us-east-1', REPORT_STORE_ACCESS_KEY: 'S3RVER', REPORT_STORE_SECRET_KEY: 'S3RVER' };
  private process: ChildProcess | undefined;

  private constructor(private readonly port: number, readonly folder: string) {}

  static async start(): Promise<S3Server> {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const server = new S3Server(port, join(scratch, 's3'));
    await server.begin();
    return server;
  }

  get settings() {
    return { ...S3Server.settings, REPORT_STORE_ENDPOINT: `http://127.0.0.1:${this.port}` };
  }

  async begin(): Promise<void> {
    const cli = join(createRequire(import.meta.url).resolve('@20minutes/s3rver'), '../cli.js');
    this.process = spawn(process.execPath, ['-e', 'void require(process.argv[1]).parseAsync()', cli, '-d', this.folder, '-a', '127.0.0.1', '-p', String(this.port), '--configure-bucket', S3Server.settings.REPORT_STORE_BUCKET, '--silent', '--allow-mismatched-signatures'], { stdio: ['ignore', 'ignore', 'inherit'] });
    await until(() => fetch(this.settings.REPORT_STORE_ENDPOINT).then(() => true, () => false));
  }

  async end(): Promise<void> {
    this.process?.kill('SIGKILL');
    await once(this.process!, 'exit');
  }
}

let s3: S3Server;
beforeAll(async () => { s3 = await S3Server.start(); });
afterAll(async () => { await s3.end(); });

const stores: Record<string, () => ReportStore> = {
  'a folder': () => new FolderStore(join(scratch, 'folder')),
  'a bucket': () => new BucketStore(s3.settings, join(scratch, 'making')),
};

/** As a maker leaves it: a table, and the manifest. */
function made(folder: string, bytes = 1_000): ReportFile[] {
  mkdirSync(folder);
  return Object.entries({ 'contributions.csv': Buffer.alloc(bytes, 'é;1\r\n'), 'manifest.json': Buffer.from('{}') }).map(([name, content]) => {
    writeFileSync(join(folder, name), content);
    return { name, mediaType: 'text/csv; charset=utf-8', bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  });
}

async function sha256Of(store: ReportStore, attempt: Attempt, name: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of await store.read(attempt, name)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

describe.each(Object.keys(stores))('%s', (kind) => {
  let store: ReportStore;
  beforeAll(async () => {
    store = stores[kind]!();
    await store.check();
  });

  it('gives a whole report back byte for byte, and nothing of it before', async () => {
    const attempt = { id: randomUUID(), attempt: 1 };
    const folder = await store.prepare(attempt);
    // More than one part of an upload.
    const files = made(folder, 12_000_000);
    await expect(store.read(attempt, 'manifest.json')).rejects.toThrow();
    await store.keep(attempt, folder, files);
    for (const { name, sha256 } of files) expect([name, await sha256Of(store, attempt, name)]).toEqual([name, sha256]);
    expect(() => readdirSync(folder)).toThrow('ENOENT');
  });

  it('refuses a file that it does not have before the first byte', async () => {
    await expect(store.read({ id: randomUUID(), attempt: 1 }, 'report.pdf')).rejects.toBeInstanceOf(NotStored);
  });

  it('keeps nothing of what is thrown away', async () => {
    const attempt = { id: randomUUID(), attempt: 1 };
    const folder = await store.prepare(attempt);
    made(folder);
    await store.clear(folder);
    await expect(store.read(attempt, 'manifest.json')).rejects.toThrow();
    expect(() => readdirSync(folder)).toThrow('ENOENT');
  });

  it('forgets a report’s earlier attempts when it is made again, and no other report', async () => {
    const [again, other] = [randomUUID(), randomUUID()];
    for (const id of [again, other]) {
      const folder = await store.prepare({ id, attempt: 1 });
      await store.keep({ id, attempt: 1 }, folder, made(folder));
      expect(await store.attemptOf(id)).toBe(1);
    }
    await store.prepare({ id: again, attempt: 2 });
    expect([await store.attemptOf(again), await store.attemptOf(other)]).toEqual([undefined, 1]);
    await expect(store.read({ id: again, attempt: 1 }, 'manifest.json')).rejects.toThrow();
    expect(await sha256Of(store, { id: other, attempt: 1 }, 'manifest.json')).toMatch(/^[0-9a-f]{64}$/);
  });

  it('takes a report that was made again aside in the place of what is left of it', async () => {
    const attempt = { id: randomUUID(), attempt: 1 };
    const folder = await store.prepare(attempt);
    await store.keep(attempt, folder, made(folder));
    const aside = await store.aside();
    const files = made(aside, 1_000);
    await store.keep(attempt, aside, files);
    for (const { name, sha256 } of files) expect([name, await sha256Of(store, attempt, name)]).toEqual([name, sha256]);
  });

  it('has room for one attempt beside a former one that still lives', async () => {
    const id = randomUUID();
    const former = await store.prepare({ id, attempt: 1 });
    const latter = await store.prepare({ id, attempt: 2 });
    expect(latter).not.toBe(former);
    made(former);
    const files = made(latter);
    await store.keep({ id, attempt: 2 }, latter, files);
    await store.clear(former);
    expect(await sha256Of(store, { id, attempt: 2 }, 'manifest.json')).toBe(files[1]!.sha256);
  });
});

describe('the bucket', () => {
  it('that gives back other bytes than were written makes no report', async () => {
    const store = stores['a bucket']!();
    const attempt = { id: randomUUID(), attempt: 1 };
    const folder = await store.prepare(attempt);
    const [table, manifest] = made(folder);
    await expect(store.keep(attempt, folder, [{ ...table!, sha256: manifest!.sha256 }, manifest!])).rejects.toThrow('other bytes');
    await expect(store.read(attempt, 'manifest.json')).rejects.toThrow();
  });

  it.each([['with a key that it does not know', { REPORT_STORE_ACCESS_KEY: 'another' }], ['that does not exist', { REPORT_STORE_BUCKET: 'elsewhere' }]])('%s is no place for files: reports wait', async (_, wrong) => {
    const store = new BucketStore({ ...s3.settings, ...wrong }, join(scratch, 'making'));
    await expect(store.check()).rejects.toThrow();
    const error: unknown = await store.prepare({ id: randomUUID(), attempt: 1 }).catch((reason: unknown) => reason);
    expect(outcomeOf(error, () => false)).toMatchObject({ outcome: 'postponed' });
  });

  it('that is away lets reports wait, and has them once it is back; downloads come from it', async () => {
    const service = await startService({ settings: { ...s3.settings, REPORT_STORE_FOLDER: '' } });
    try {
      await s3.end();
      const { campaignId } = await heardCampaign(service);
      await submit(service, contribution(campaignId));
      await service.post(`/staff/campaigns/${campaignId}/reports`, {}, await service.as('analyst'));
      await until(async () => (await service.db.query<unknown[]>(`SELECT 1 FROM report WHERE state = 'queued' AND attempt >= 1 AND look_at IS NOT NULL`)).length === 1);
      expect((await service.get('/health/ready')).status).toBe(503);

      await s3.begin();
      await service.db.query('UPDATE report SET look_at = NULL');
      const report = await reportIn(service, campaignId, 'interim', 'published', 'failed');

      expect(report).toMatchObject({ state: 'published', interruptions: 0 });
      for (const { name, sha256 } of report.files) {
        const { bytes } = await service.get(`/staff/reports/${report.report_id}/files/${name}`, await service.as('analyst'));
        expect([name, createHash('sha256').update(bytes).digest('hex')]).toEqual([name, sha256]);
      }
    } finally {
      await service.stop();
    }
  });
});

describe('the settings of the store', () => {
  const common = { DATABASE_URL: 'postgres://localhost/x', KAFKA_BROKERS: 'localhost:9092', REPORT_LINK_PUBLIC_JWK: '{"kty":"OKP","crv":"Ed25519","x":"x"}' };
  const bucket = { ...S3Server.settings, REPORT_STORE_ENDPOINT: 'https://s3.example' };
  const load = (settings: Record<string, string>) => () => loadConfig(configSchema, testConfig({ ...common, ...settings }));

  it('are a folder or a whole bucket', () => {
    expect(load({ REPORT_STORE_FOLDER: '/reports' })).not.toThrow();
    expect(load(bucket)).not.toThrow();
  });

  it.each([
    ['neither', {}, 'REPORT_STORE_FOLDER: missing'],
    ['both', { ...bucket, REPORT_STORE_FOLDER: '/reports' }, 'REPORT_STORE_BUCKET: not valid (reports go to a folder already)'],
    ['a bucket without its secret', { ...bucket, REPORT_STORE_SECRET_KEY: '' }, 'REPORT_STORE_SECRET_KEY: not valid (needed with a bucket)'],
    ['a bucket without its address', { ...bucket, REPORT_STORE_ENDPOINT: '' }, 'REPORT_STORE_ENDPOINT: not valid (needed with a bucket)'],
    ['keys of no bucket', { REPORT_STORE_SECRET_KEY: 'x' }, 'REPORT_STORE_BUCKET: missing'],
  ])('are refused at the start: %s', (_, settings, words) => { expect(load(settings)).toThrow(words); });
});
