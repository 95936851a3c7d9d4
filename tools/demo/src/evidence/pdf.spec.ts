import { describe, expect, it } from '@jest/globals';
import { totalIn } from './pdf.js';

describe('the total in a PDF', () => {
  it('is the first number of contributions, however thousands are set apart', () => {
    expect(totalIn(['Rapport', 'La campagne a reçu 4 986 contributions, dont 12 contributions masquées'])).toBe(4986);
    expect(totalIn(['12 contributions'])).toBe(12);
    expect(totalIn(['Une contribution'])).toBeUndefined();
  });
});
