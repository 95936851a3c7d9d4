import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '@cahier/local-stack';
import { carelessness, readCompose, settings } from './compose.js';
import { secretNames } from './config-env.js';
import { configSchemas, projectFolder } from './schemas.js';

/** Read by libraries and by loadConfig itself, not by a service's schema. */
const OF_NO_SCHEMA = ['SECRETS_FOLDER', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
/** The first word of each service's addresses at the entry. */
const WORDS = { 'campaign-service': 'campagnes', 'contribution-service': 'contributions', 'notification-service': 'courriers', 'reporting-service': 'rapports' } as const;

const { services } = readCompose();
const entry = readFileSync(join(projectFolder, 'compose', 'entry', 'nginx.conf'), 'utf8');

describe('docker-compose.yml', () => {
  it('keeps every policy', () => {
    // What watches is not waited for: its images have no program to ask with.
    expect(Object.entries(services).filter(([, { profiles }]) => !profiles?.includes('observability')).flatMap(([name, service]) => carelessness(name, service))).toEqual([]);
  });

  it('is reached by the entry and the page of the mails alone, on loopback', () => {
    const published = Object.entries(services).filter(([, { profiles, ports }]) => ports && profiles?.includes('full')).map(([name, { ports = [] }]) => [name, ...ports]);
    expect(published).toEqual([['entry', '127.0.0.1:8080:8080'], ['mail', '127.0.0.1:8081:1080']]);
  });

  it('gives what works in the background a tenth of the CPU that others get on a busy machine', () => {
    const weights = Object.entries(services).filter(([, service]) => service.cpu_shares !== undefined).map(([name, service]) => [name, service.cpu_shares]);
    expect(weights).toEqual([['notification-service', 102], ['reporting-service', 102]]);
  });

  it('takes every image of others from .env', () => {
    const chosen = Object.values(settings());
    expect(Object.entries(services).filter(([, { image }]) => !image.startsWith('cahier/') && !chosen.includes(image))).toEqual([]);
  });

  it('starts the whole system by default, and the servers alone for developing', () => {
    const inProfile = (profile: string): string[] => Object.entries(services).filter(([, { profiles = [] }]) => profiles.includes(profile)).map(([name]) => name);
    expect(settings()['COMPOSE_PROFILES']).toBe('full');
    expect(inProfile('infra').toSorted()).toEqual(['kafka', 'mail', 'postgres', 'redis', 'secrets']);
    expect(inProfile('full')).toEqual(expect.arrayContaining([...serviceNames, ...inProfile('infra'), 'entry', 'identity', 'databases']));
  });

  it.each(serviceNames)('gives %s all that its schema asks for, and its secrets by files', async (name) => {
    const schema = (await configSchemas()).get(name)!;
    const { environment = {} } = services[name]!;
    expect(Object.keys(environment).filter((variable) => !(variable in schema.shape) && !OF_NO_SCHEMA.includes(variable))).toEqual([]);
    expect(Object.keys(environment).filter((variable) => secretNames(schema).includes(variable))).toEqual([]);
    // The image says where it listens.
    const faults = schema.safeParse({ HTTP_HOST: '0.0.0.0', HTTP_PORT: '8080', ...environment }).error?.issues.map(({ path }) => path.join('.')) ?? [];
    expect(faults.filter((variable) => !secretNames(schema).includes(variable))).toEqual([]);
    expect(environment['PUBLIC_URL']).toBe(`${settings()['CAHIER_ADDRESS']}/${WORDS[name]}`);
  });

  it.each(serviceNames)('leads people to %s by one word, health and measurements excepted', (name) => {
    const [, block = ''] = new RegExp(`location /${WORDS[name]}/ \\{([^}]*)\\}`).exec(entry) ?? [];
    expect(block).toContain(`set $service ${name};`);
    expect(block).toContain(`rewrite ^/${WORDS[name]}(/.*)$ $1 break;`);
    // A regular expression goes before a prefix.
    expect(entry).toMatch(/location ~ \^\/\[\^\/\]\+\/\(health\|metrics\)\(\/\|\$\) \{\s*return 404;/);
  });

  it('the checks name each policy that a careless container breaks', () => {
    expect(carelessness('x', { image: 'x:latest' }).map((line) => line.replace('x: ', ''))).toEqual([
      'an image with a version', 'read-only root file system', 'no capabilities', 'no new privileges', 'limits of memory and processes', 'logs that do not grow for ever', 'a health check, unless it runs once',
    ]);
  });
});
