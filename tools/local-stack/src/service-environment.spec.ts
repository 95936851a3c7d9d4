import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Keys } from './keys.js';
import { projectFolder } from './paths.js';
import { serviceEnvironments, type ServicePlace } from './service-environment.js';
import { serviceNames, type ServiceName, type Stack } from './types.js';

interface ConfigSchema {
  readonly shape: Record<string, unknown>;
  safeParse(env: Record<string, string>): { success: boolean; error?: { issues: { path: PropertyKey[]; message: string }[] } };
}

/** The services' own schemas. Read from their sources by path: a tool has no service among its dependencies. */
const schemaOf = async (name: ServiceName): Promise<ConfigSchema> => ((await import(join(projectFolder, 'apps', name, 'src', 'config.ts'))) as { configSchema: ConfigSchema }).configSchema;

describe('the environment made for each service', () => {
  let folder: string;
  let environments: Record<ServiceName, Record<string, string>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cahier-environment-'));
    const stack = {
      folder,
      durability: 'local',
      kafka: { brokers: ['127.0.0.1:1'] },
      redis: { url: 'redis://127.0.0.1:2' },
      mail: { smtpPort: 3, smtpUrl: 'smtp://127.0.0.1:3', webUrl: 'http://127.0.0.1:4' },
      oidc: { issuer: 'http://127.0.0.1:5', jwksUrl: 'http://127.0.0.1:5/jwks', audience: 'cahier' },
    } as Stack;
    const places = Object.fromEntries(serviceNames.map((name, i) => [name, { databaseUrl: `postgres://u:p@127.0.0.1:6/${name}`, port: 3001 + i }])) as Record<ServiceName, ServicePlace>;
    environments = await serviceEnvironments(stack, new Keys(folder), places, { topics: '', queues: '' });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(serviceNames)('is what %s asks for: nothing missing, nothing misspelt', async (name) => {
    const schema = await schemaOf(name);
    const { error } = schema.safeParse(environments[name]);

    expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []).toEqual([]);
    expect(Object.keys(environments[name]).filter((variable) => !(variable in schema.shape))).toEqual([]);
  });

  it('shares a secret only where two services must know the same', () => {
    const secrets = serviceNames.flatMap((name) => Object.entries(environments[name]).filter(([variable]) => /KEY|PRIVATE/.test(variable)).map(([, value]) => value));

    expect(new Set(secrets).size).toBe(secrets.length);
    expect(environments['contribution-service'].CONTACT_SEALING_PUBLIC_JWK).toBe(environments['campaign-service'].CONTACT_SEALING_PUBLIC_JWK);
  });

  it('hands public halves of keys to those who only seal or verify', () => {
    const half = (text: string | undefined): Record<string, unknown> => JSON.parse(text ?? '{}') as Record<string, unknown>;

    expect(half(environments['contribution-service'].CONTACT_SEALING_PUBLIC_JWK)).not.toHaveProperty('d');
    expect(half(environments['reporting-service'].REPORT_LINK_PUBLIC_JWK)).not.toHaveProperty('d');
    expect(half(environments['notification-service'].REPORT_LINK_PRIVATE_JWK)).toHaveProperty('d');
  });

  it('keeps the keys for the next start, where only their owner can read them', () => {
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600);
    expect(new Keys(folder).ring('bodies')).toEqual(JSON.parse(environments['contribution-service'].BODY_KEYS ?? '{}'));
  });
});
