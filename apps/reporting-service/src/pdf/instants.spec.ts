import { describe, expect, it } from '@jest/globals';
import { englishInstant, frenchInstant } from './instants.js';

const plain = (text: string) => text.replace(/\u00A0/g, ' ');

describe('an instant in words', () => {
  it.each([
    ['2015-10-18T22:30:00.000Z', '19 octobre 2015 à 0 h 30', '19 October 2015 at 00:30 (Europe/Paris)'],
    ['2026-03-01T08:05:09.500Z', '1er mars 2026 à 9 h 05 min 09 s', '1 March 2026 at 09:05:09 (Europe/Paris)'],
  ])('%s', (at, fr, en) => {
    expect([plain(frenchInstant(new Date(at), 'Europe/Paris')), plain(englishInstant(new Date(at), 'Europe/Paris'))]).toEqual([fr, en]);
  });
});
