import { readFileSync } from 'node:fs';
import type { ApiDescription, openApiDocument } from '@cahier/platform';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

export interface Described {
  /** As docs/metrics.md heads it. */
  readonly service: string;
  readonly api: ApiDescription;
  /** `import.meta.url` of the spec, which stands in the service's `src`. */
  readonly here: string;
  /** Called before the tests; what it started is stopped after them. */
  readonly start: () => Promise<{ readonly app: Parameters<typeof openApiDocument>[0]; stop(): Promise<void> }>;
}

/** The tests of a service's spec that what is committed about it is what it says of itself: its API document and its part of docs/metrics.md. */
export function testDescription({ service, api, here, start }: Described): void {
  let running: Awaited<ReturnType<typeof start>>;
  let platform: typeof import('@cahier/platform');
  beforeAll(async () => {
    // Not with this library, which is there before a spec of fail points has named them.
    platform = await import('@cahier/platform');
    running = await start();
  });
  afterAll(async () => { await running.stop(); });

  describe('the API document', () => {
    it('is the committed one; after a change: npm run docs', () => {
      const committed: unknown = JSON.parse(readFileSync(new URL('../openapi.json', here), 'utf8'));
      expect(JSON.parse(JSON.stringify(platform.openApiDocument(running.app, api)))).toEqual(committed);
    });
  });

  describe('the metrics', () => {
    it('are those of docs/metrics.md; after a change: npm run docs', () => {
      const committed = readFileSync(new URL('../../../docs/metrics.md', here), 'utf8');
      expect(committed).toContain(`\n## ${service}\n\n${running.app.get(platform.Metrics).documentation()}\n`);
    });
  });
}
