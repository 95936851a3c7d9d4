import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson, RequestMalformed } from './index.js';

const refusal = (bytes: Buffer | string): unknown => {
  try {
    parseStrictJson(Buffer.from(bytes as string));
  } catch (error) {
    if (error instanceof RequestMalformed) return error.errors[0];
    throw error;
  }
  return 'accepted';
};

describe('strict JSON', () => {
  it.each([
    ['a byte order mark', '\ufeff{"a":1}', ''],
    ['invalid UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), ''],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), ''],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), ''],
    ['text that is not JSON', '{a:1}', ''],
    ['nothing', '', ''],
    ['NaN', '{"a":NaN}', ''],
    ['a number that no double holds', '{"a":{"b":1e400}}', '/a/b'],
    ['a name twice', '{"a":1,"a":1}', '/a'],
    ['a name twice, once escaped', '{"ab":1,"a\\u0062":2}', '/ab'],
    ['a name twice, deep', '{"a":[{"b":1},{"c":1,"c":2}]}', '/a/1/c'],
    ['__proto__', '{"a":{"__proto__":{"x":1}}}', '/a/__proto__'],
    ['an escaped __proto__', '{"\\u005f_proto__":1}', '/__proto__'],
    ['constructor', '{"constructor":{"prototype":{}}}', '/constructor'],
    ['NUL in a text', '{"a":["ok","\\u0000"]}', '/a/1'],
    ['a lone surrogate', '{"a":"\\ud800x"}', '/a'],
    ['10 000 levels', '['.repeat(10_000) + ']'.repeat(10_000), ''],
    ['100 000 open levels', '{"a":['.repeat(20_000), ''],
    ['NUL in a name', '{"a":{"\\u0000":1}}', '/a'],
    ['a name twice after an escaped quote', '{"a\\"":1,"b":"\\\\","a\\"":2}', '/a"'],
    ['a name with a slash and a tilde twice', '{"a/b~c":1,"a/b~c":2}', '/a~1b~0c'],
  ])('refuses %s', (_name, bytes, pointer) => {
    expect(refusal(bytes)).toEqual({ pointer, detail: { fr: expect.any(String), en: expect.any(String) } });
  });

  it('says of a byte order mark that it is one: an editor hides it', () => {
    expect(refusal('\ufeff{"a":1}')).toMatchObject({ detail: { en: 'A byte order mark is not part of JSON' } });
  });

  it('takes the same name in different objects, and text that looks like structure', () => {
    const text = '[{"a":1},{"a":"{\\"a\\":1,\\"a\\":2}"},{"b":{"a":"\\\\"}}]';
    expect(parseStrictJson(Buffer.from(text))).toEqual(JSON.parse(text));
  });

  it('takes 20 levels and refuses 21', () => {
    expect(refusal('['.repeat(20) + ']'.repeat(20))).toBe('accepted');
    expect(refusal('['.repeat(21) + ']'.repeat(21))).toMatchObject({ detail: { en: 'Nested deeper than 20 levels' } });
  });

  it('reads every other JSON as JSON.parse does', () => {
    const names = fc.string({ unit: 'grapheme' }).filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name) && !name.includes('\0') && name.isWellFormed());
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 6 }, fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && text.isWellFormed()), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true })),
    }));
    fc.assert(fc.property(value, fc.integer({ min: 0, max: 2 }), (anything, indent) => {
      const text = JSON.stringify(anything, null, indent);
      expect(parseStrictJson(Buffer.from(text))).toEqual(JSON.parse(text));
    }), { numRuns: 300 });
  });
});
