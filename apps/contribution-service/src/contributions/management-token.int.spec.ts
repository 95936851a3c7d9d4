import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyRing } from '@cahier/platform';
import { describe, expect, it } from '@jest/globals';
import { heardCampaign, proposal, startService } from '../harness.spec.js';
import { isManagementToken, managementToken } from './management-token.js';

const ring = (...keys: Buffer[]): KeyRing => ({ current: keys.length, key: (version) => keys[version - 1]! });

describe('a management token', () => {
  it('(22) is not among a million guesses, and stays valid after a rotation', () => {
    const first = randomBytes(32);
    const id = randomUUID();
    const before = ring(first);
    const token = managementToken(before, 1, id);
    const after = ring(first, randomBytes(32));
    expect([isManagementToken(token, before, 1, id), isManagementToken(token, after, 1, id), isManagementToken(token, after, 2, id)]).toEqual([true, true, false]);

    let hits = 0;
    // Half at random, half one bit beside the right one or its neighbours.
    for (let i = 0; i < 1_000_000; i += 2) {
      if (isManagementToken(randomBytes(32).toString('base64url'), before, 1, id)) hits++;
      const near = Buffer.from(token, 'base64url');
      near[i % 32]! ^= 1 + (i % 255);
      if (isManagementToken(near.toString('base64url'), before, 1, id)) hits++;
    }
    expect(hits).toBe(0);
  });

  it('(22) may be guessed thirty times by an address, whatever it asks for: then not even the right one is looked at', async () => {
    const service = await startService({ RATE_LIMIT_SCALE: '1', RATE_LIMITS: '{"guessing":{"burst":30,"perMinute":0.001}}', RATE_LIMIT_COST_ALONE: '1' });
    try {
      const { campaignId } = await heardCampaign(service);
      const { body: { contributionId, managementToken: token } } = await service.file(campaignId, proposal());
      const ask = async (guess: string, path = ''): Promise<number> => (await service.request(path === '' ? 'GET' : 'POST', `/contributions/${contributionId}${path}`, { headers: { authorization: `Bearer ${guess}` } })).status;
      for (let i = 0; i < 50; i++) expect(await ask(token)).toBe(200);
      const guessed = [];
      for (let i = 0; i < 40; i++) guessed.push(await ask(randomBytes(32).toString('base64url'), i % 2 ? '/withdraw' : ''));
      expect([guessed.filter((status) => status === 404).length, guessed.filter((status) => status === 429).length]).toEqual([30, 10]);
      expect(await ask(token)).toBe(429);
      expect(await service.db.query('SELECT status FROM contribution')).toEqual([{ status: 'filed' }]);
    } finally {
      await service.stop();
    }
  });
});

describe('whatever compares a signature', () => {
  it('(24) does so in constant time: every file that makes one to compare uses timingSafeEqual, and no other comparison', () => {
    const project = join(import.meta.dirname, '../../../..');
    // Of the product's own folders only: elsewhere builds and servers make and remove files while this looks.
    const folders = ['apps', 'libs'].flatMap((group) => readdirSync(join(project, group)).map((name) => join(project, group, name, 'src'))).filter((folder) => existsSync(folder));
    const sources = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))).filter((path) => /\.ts$/.test(path) && !/\.(spec|d)\.ts$/.test(path));
    expect(sources.length).toBeGreaterThan(300);
    const signing = sources.filter((path) => readFileSync(path, 'utf8').includes('createHmac')).map((path) => ({ path: path.slice(project.length + 1), text: readFileSync(path, 'utf8') }));
    // These name things by an HMAC and compare nothing.
    const naming = ['apps/contribution-service/src/intake/participant-references.ts', 'libs/platform/src/rate-limit/rate-limits.ts'];
    const comparing = signing.filter(({ path }) => !naming.includes(path));
    expect(comparing.map(({ path }) => path).toSorted()).toEqual(['apps/contribution-service/src/contributions/management-token.ts', 'apps/notification-service/src/mails/links.ts', 'libs/platform/src/cursor.ts']);
    for (const { path, text } of comparing) {
      expect([path, text.match(/timingSafeEqual\(/g)?.length]).toEqual([path, 1]);
      expect([path, /(?:token|signature|expected|given)\b[^\n;]*[!=]==(?! undefined)(?!.*\.length)/.test(text)]).toEqual([path, false]);
    }
  });
});
