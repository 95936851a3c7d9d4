import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { z } from 'zod';
import { describeFailure } from './failures.js';

const secret = 'camille.durand@example.org';

describe('describeFailure', () => {
  it('gives class and place of an error, and no word of it', () => {
    expect(describeFailure(new TypeError(secret))).toMatch(/^TypeError at failures\.spec\.ts:\d+$/);
  });

  it('is not misled by a message that looks like a stack', () => {
    expect(describeFailure(new Error(`x\n    at ${secret}.ts:1:1`))).toMatch(/^Error at failures\.spec\.ts:\d+$/);
  });

  it('adds the code of a database error, without its detail', () => {
    const driver = Object.assign(new Error(`Key (email)=(${secret}) already exists`), { code: '23505' });
    expect(describeFailure(new QueryFailedError('INSERT', [secret], driver))).toMatch(/^QueryFailedError 23505/);
  });

  it('adds no code that is a sentence', () => {
    expect(describeFailure(Object.assign(new Error('x'), { code: `no mail for ${secret}` }))).not.toContain('camille');
  });

  it('names the fields and the rules of data that breaks its contract, not the keys that people chose', () => {
    const schema = z.object({ body: z.string(), counts: z.record(z.string().regex(/^[a-z]+$/), z.int()) });
    const { error } = schema.safeParse({ body: 1, counts: { [secret]: 1 } });
    expect(describeFailure(error)).toBe('ZodError body invalid_type, counts invalid_key');
    expect(describeFailure(error)).not.toContain('camille');
  });

  it('has a word for what is no error', () => {
    expect(describeFailure(secret)).toBe('not an Error');
  });

  it('names a lost connection by the phrase that the driver always uses, and by nothing else of it', () => {
    const error = new Error(`timeout exceeded when trying to connect as ${secret}`);
    expect(describeFailure(error)).toMatch(/^Error \(timeout exceeded when trying to connect\) at failures\.spec\.ts:\d+$/);
  });
});
