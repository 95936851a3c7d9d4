import { describe, expect, it } from '@jest/globals';
import { IntakeDigest } from './intake-digest.js';

const [first, second] = ['0b7f6a3e-2f0c-4d43-9a51-6c1f8f0d2a11', '9c403f5e-6d7c-4b8a-8998-b7a695847309'] as const;
const body = 'f'.repeat(64);

const digestOf = (...lines: [id: string, sha256: string, withdrawn: boolean][]) => {
  const digest = new IntakeDigest();
  for (const line of lines) digest.add(...line);
  return digest.hex();
};

describe('IntakeDigest', () => {
  it('is the SHA-256 of the lines that the contract describes', () => {
    // printf '%s\n' "$first $body filed" "$second $body withdrawn" | sha256sum
    expect(digestOf([first, body, false], [second, body, true])).toBe('eb5307a3996dbe07d21b2d7f15f8b56196f6a519b0781bae7b6a67026c8fb521');
  });

  it('of nothing is the SHA-256 of nothing', () => {
    expect(new IntakeDigest().hex()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('changes with a missing contribution, another body and another status', () => {
    const digests = [digestOf([first, body, false]), digestOf([first, body, true]), digestOf([first, '0'.repeat(64), false]), digestOf([second, body, false]), digestOf([first, body, false], [second, body, false])];
    expect(new Set(digests).size).toBe(5);
  });

  it('refuses a contribution out of order or twice: two sides would disagree for no reason', () => {
    expect(() => digestOf([second, body, false], [first, body, false])).toThrow(first);
    expect(() => digestOf([first, body, false], [first, body, false])).toThrow(first);
  });
});
