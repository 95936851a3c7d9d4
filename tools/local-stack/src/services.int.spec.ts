import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Client } from 'pg';
import { identify } from './processes.js';
import { startServices } from './services.js';
import { startStack } from './stack.js';
import type { Service, Services, Stack } from './types.js';

// Real processes on a machine that may be busy: a limit against hanging, not a promise of speed.
jest.setTimeout(60_000);

/** With the test run's own servers, named by the environment: what is made there carries a mark and is removed in the end. */
describe('startServices', () => {
  let stack: Stack;
  let services: Services<'contribution-service'>;
  let service: Service;
  let logFolder: string;

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cahier-services-'));
    logFolder = join(folder, 'logs');
    stack = await startStack({ parts: ['postgres', 'kafka', 'redis', 'mail', 'oidc'], folder, throwAway: true, durability: 'test' });
    services = await startServices(stack, { only: ['contribution-service'], logFolder });
    service = services['contribution-service'];
  });
  afterAll(async () => {
    await stack.stop();
  });

  async function attempt(url: string): Promise<string> {
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      return 'connected';
    } catch (error) {
      return (error as Error).message;
    } finally {
      await client.end();
    }
  }
  const ready = async (): Promise<number> => (await fetch(`${service.url}/health/ready`)).status;

  it('returns once the service is ready, with its output in a file', async () => {
    expect(await ready()).toBe(200);
    expect(existsSync(join(logFolder, 'contribution-service.log'))).toBe(true);
  });

  it('gives each service a database that no other service can enter', async () => {
    const other = new URL(service.env.DATABASE_URL ?? '');
    other.pathname = other.pathname.replace('contribution', 'campaign');

    expect(await attempt(service.env.DATABASE_URL ?? '')).toBe('connected');
    expect(await attempt(other.href)).toMatch(/permission denied/);
  });

  it('restarts a killed service at its address, with what is added to its environment', async () => {
    const { pid, url } = service;
    await service.kill('SIGKILL');
    expect(identify(pid)).toBeUndefined();
    await expect(ready()).rejects.toThrow();

    await service.restart({ MAX_QUEUE_WAIT_MS: '4321' });

    expect(service.pid).not.toBe(pid);
    expect(service.url).toBe(url);
    expect(await ready()).toBe(200);
    expect(readFileSync(`/proc/${service.pid}/environ`, 'utf8')).toContain('MAX_QUEUE_WAIT_MS=4321');
  });

  it('stops a service that is paused', async () => {
    await service.kill('SIGSTOP');
    await service.stop();
    expect(identify(service.pid)).toBeUndefined();
    await service.restart();
  });

  it('hands nothing of the starter’s environment on but what any program needs', () => {
    const inherited = readFileSync(`/proc/${service.pid}/environ`, 'utf8').split('\0').map((line) => line.split('=')[0]);
    expect(inherited).not.toContain('TEST_POSTGRES_URL');
    expect(inherited).toContain('PATH');
  });

  it('says which service cannot start, and why', async () => {
    const starting = startServices(stack, { only: ['reporting-service'], env: { 'reporting-service': { REPORT_LINK_PUBLIC_JWK: 'not a key' } }, logFolder });

    await expect(starting).rejects.toThrow(/reporting-service[\s\S]*REPORT_LINK_PUBLIC_JWK/);
    expect(Object.keys(stack.pids)).not.toContain('reporting-service');
  });

  it('removes its databases from servers that go on for others', async () => {
    const url = service.env.DATABASE_URL ?? '';
    const { pid } = service;
    await stack.stop();

    expect(identify(pid)).toBeUndefined();
    expect(await attempt(url)).toMatch(/authentication failed|does not exist/);
  });
});
