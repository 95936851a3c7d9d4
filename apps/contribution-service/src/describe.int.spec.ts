import { readFileSync } from 'node:fs';
import { Metrics, openApiDocument } from '@cahier/platform';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { api } from './api.js';
import { SERVICE } from './app.module.js';
import { startService, type TestService } from './harness.spec.js';

let service: TestService;
beforeAll(async () => { service = await startService(); });
afterAll(async () => { await service.stop(); });

describe('the API document', () => {
  it('is the committed one; after a change: npm run docs', () => {
    const committed = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));
    expect(JSON.parse(JSON.stringify(openApiDocument(service.app, api)))).toEqual(committed);
  });
});

describe('the metrics', () => {
  it('are those of docs/metrics.md; after a change: npm run docs', () => {
    const committed = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
    expect(committed).toContain(`\n## ${SERVICE}\n\n${service.app.get(Metrics).documentation()}\n`);
  });
});
