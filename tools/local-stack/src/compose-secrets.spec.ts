import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawSecrets } from './compose-secrets.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cahier-compose-'));
  mkdirSync(join(folder, 'keys'));
});
afterEach(() => { rmSync(folder, { recursive: true }); });

const read = (): Record<string, string> => Object.fromEntries(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile()).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

it('draws a folder of secrets for each reader once, and the same ones at every start', async () => {
  await drawSecrets(folder, 'http://localhost:8080');
  const first = read();
  await drawSecrets(folder, 'http://localhost:8080');
  expect(read()).toEqual(first);

  expect(new Set(Object.keys(first).map((name) => name.split('/')[0]))).toEqual(new Set(['keys', 'postgres', 'identity', 'campaign-service', 'contribution-service', 'notification-service', 'reporting-service']));
  expect(first['campaign-service/DATABASE_URL']).toMatch(/^postgres:\/\/campaign:[\w-]{32}@postgres:5432\/campaign$/);
  expect(JSON.parse(first['identity/oidc.json'] ?? '{}')).toMatchObject({ issuer: 'http://localhost:8080/identite' });
  for (const name of Object.keys(first)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
});
