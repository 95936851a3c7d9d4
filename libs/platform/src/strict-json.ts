import { type Fault, RequestMalformed } from './errors.js';

/** Nesting of arrays and objects that a request may have. */
const MAX_DEPTH = 20;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const refuse = (pointer: string, detail: string): RequestMalformed => new RequestMalformed([{ pointer, detail } satisfies Fault]);

/**
 * JSON (RFC 8259) without what parsers disagree about or databases refuse: UTF-8 only, no byte order mark, no duplicate name (RFC 7493 §2.3),
 * no NUL, no lone surrogate, no `__proto__` and kin, at most 20 levels, numbers that a double holds.
 * @throws RequestMalformed with a pointer (RFC 6901) to the place.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  if (text.charCodeAt(0) === 0xfeff) throw refuse('', 'A byte order mark is not part of JSON');
  // Before JSON.parse, which would recurse into any depth.
  refuseDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse('', 'Not JSON');
  }
  new NameScanner(text).scan();
  refuseUnstorable(value, '');
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse('', 'Not UTF-8');
  }
}

function refuseDepth(text: string): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) i = endOfString(text, i);
    else if (c === 0x7b || c === 0x5b) {
      if (++depth > MAX_DEPTH) throw refuse('', `Nested deeper than ${MAX_DEPTH} levels`);
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
}

/** @returns the index of the closing quote. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

/** Walks text that is known to be JSON and compares the names of each object: what JSON.parse has already forgotten. */
class NameScanner {
  private readonly path: (string | number)[] = [];

  constructor(private readonly text: string) {}

  scan(): void {
    /** Names seen in each open object; undefined for an array. */
    const open: (Set<string> | undefined)[] = [];
    for (let i = 0; i < this.text.length; i++) {
      switch (this.text.charCodeAt(i)) {
        case 0x7b: // {
          open.push(new Set());
          this.path.push('');
          break;
        case 0x5b: // [
          open.push(undefined);
          this.path.push(0);
          break;
        case 0x7d: // }
        case 0x5d: // ]
          open.pop();
          this.path.pop();
          break;
        case 0x2c: { // ,
          const index = this.path.at(-1);
          if (typeof index === 'number') this.path[this.path.length - 1] = index + 1;
          break;
        }
        case 0x22: { // "
          const end = endOfString(this.text, i);
          const names = open.at(-1);
          if (names && this.isName(end)) this.see(names, this.text.slice(i, end + 1));
          i = end;
        }
      }
    }
  }

  private isName(endOfName: number): boolean {
    let i = endOfName + 1;
    while (' \t\n\r'.includes(this.text.charAt(i)) && i < this.text.length) i++;
    return this.text.charAt(i) === ':';
  }

  private see(names: Set<string>, literal: string): void {
    const name = literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
    this.path[this.path.length - 1] = name;
    if (FORBIDDEN.has(name)) throw refuse(pointerOf(this.path), 'This name is not accepted');
    if (names.has(name)) throw refuse(pointerOf(this.path), 'The name stands twice');
    names.add(name);
  }
}

/** RFC 6901. */
export const pointerOf = (path: readonly (string | number)[]): string => path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function refuseUnstorable(value: unknown, pointer: string): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw refuse(pointer, 'The character U+0000 is not accepted');
    if (!value.isWellFormed()) throw refuse(pointer, 'A lone surrogate is not a character');
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refuse(pointer, 'The number is out of range');
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => refuseUnstorable(item, `${pointer}/${index}`));
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) {
      const at = pointer + pointerOf([name]);
      if (name.includes('\0') || !name.isWellFormed()) throw refuse(pointer, 'A name holds a character that is not accepted');
      refuseUnstorable(item, at);
    }
  }
}
