import { describe, expect, it } from '@jest/globals';
import { localText } from './local-text.js';

describe('localText', () => {
  it('writes an instant as the clock on the wall of the place shows it, midnight included', () => {
    expect(localText(new Date('2026-07-14T22:00:00Z'), 'Europe/Paris')).toBe('2026-07-15T00:00:00');
    expect(localText(new Date('2026-01-14T22:59:59Z'), 'Europe/Paris')).toBe('2026-01-14T23:59:59');
    expect(localText(new Date('2026-01-14T22:59:59Z'), 'Indian/Reunion')).toBe('2026-01-15T02:59:59');
  });
});
