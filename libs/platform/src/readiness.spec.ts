import { Logger } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { Readiness } from './index.js';

Logger.overrideLogger(false);

describe('readiness', () => {
  it('needs every part, and tells which is down and not why', async () => {
    const readiness = new Readiness();
    readiness.add('database', () => Promise.resolve());
    expect(await readiness.report()).toEqual({ ready: true, parts: { database: 'up' } });
    readiness.add('consumer', () => Promise.reject(new Error('password of kafka')));
    expect(await readiness.report()).toEqual({ ready: false, parts: { database: 'up', consumer: 'down' } });
  });

  it('counts a check that does not answer as down', async () => {
    const readiness = new Readiness();
    readiness.add('database', () => new Promise(() => undefined));
    expect(await readiness.report()).toEqual({ ready: false, parts: { database: 'down' } });
  });

  it('is over once the service stops, whatever the parts say', async () => {
    const readiness = new Readiness();
    readiness.add('database', () => Promise.resolve());
    readiness.stop();
    expect(await readiness.report()).toEqual({ ready: false, parts: { database: 'up' } });
  });
});
