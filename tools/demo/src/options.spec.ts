import { describe, expect, it } from '@jest/globals';
import { readOptions } from './options.js';

describe('the options', () => {
  it('start a system of their own unless told otherwise', () => {
    expect(readOptions([])).toEqual({ seconds: 20, noticeMs: 2_000, keep: false, json: false });
  });

  it('name a running system by its entry, its mails at port 8081 unless told otherwise', () => {
    expect(readOptions(['--against', 'http://localhost:8080/']).against).toEqual({ address: 'http://localhost:8080', mailPage: 'http://localhost:8081' });
    expect(readOptions(['--against', 'https://cahier.example/test', '--mail-page', 'https://mails.example/', '--notice', '30'])).toMatchObject({ noticeMs: 30_000, against: { address: 'https://cahier.example/test', mailPage: 'https://mails.example' } });
  });

  it.each([['--seconds', '0'], ['--notice', 'soon'], ['--against', 'localhost'], ['--elsewhere']])('refuse %s %s with the usage', (...args) => {
    expect(() => readOptions(args)).toThrow(/\n\nUsage: npm run demo/);
  });
});
