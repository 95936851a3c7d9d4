import type { Bilingual } from '@cahier/contracts';
import { RequestMalformed } from './errors.js';

/** Nesting of arrays and objects that a request may have. */
const MAX_DEPTH = 20;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const REFUSAL = {
  notUtf8: { fr: 'Le texte n’est pas en UTF-8', en: 'Not UTF-8' },
  byteOrderMark: { fr: 'Une marque d’ordre des octets (BOM) ne fait pas partie de JSON', en: 'A byte order mark is not part of JSON' },
  notJson: { fr: 'Ce n’est pas du JSON', en: 'Not JSON' },
  tooDeep: { fr: `Plus de ${MAX_DEPTH} niveaux d’imbrication`, en: `Nested deeper than ${MAX_DEPTH} levels` },
  forbiddenName: { fr: 'Ce nom n’est pas accepté', en: 'This name is not accepted' },
  nameTwice: { fr: 'Ce nom figure deux fois', en: 'The name stands twice' },
  nul: { fr: 'Le caractère U+0000 n’est pas accepté', en: 'The character U+0000 is not accepted' },
  loneSurrogate: { fr: 'Un demi-codet isolé n’est pas un caractère', en: 'A lone surrogate is not a character' },
  outOfRange: { fr: 'Ce nombre est hors limites', en: 'The number is out of range' },
} satisfies Record<string, Bilingual>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type Path = readonly (string | number)[];

/** RFC 6901. */
export const pointerOf = (path: Path): string => path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

const refuse = (detail: Bilingual, path: Path = []): RequestMalformed => new RequestMalformed([{ pointer: pointerOf(path), detail }]);

/** @throws RequestMalformed for bytes that are not UTF-8. A byte order mark stays, for the caller to judge. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse(REFUSAL.notUtf8);
  }
}

/**
 * JSON (RFC 8259) without what parsers disagree about or databases refuse: UTF-8 only, no byte order mark, no duplicate name (RFC 7493 §2.3),
 * no NUL, no lone surrogate, no `__proto__` and kin, at most 20 levels, numbers that a double holds.
 * @throws RequestMalformed with a pointer (RFC 6901) to the place.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  if (text.charCodeAt(0) === 0xfeff) throw refuse(REFUSAL.byteOrderMark);
  const value = parse(text);
  // The scan refuses depth, so that what follows may recurse. JSON.parse itself keeps its levels on the heap.
  new NameScanner(text).scan();
  const fault = unstorable(value);
  if (fault) throw refuse(fault.detail, fault.path.reverse());
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(REFUSAL.notJson);
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
  /** Names seen in each open object; undefined for an array. */
  private readonly open: (Set<string> | undefined)[] = [];

  constructor(private readonly text: string) {}

  scan(): void {
    for (let i = 0; i < this.text.length; i++) {
      switch (this.text.charCodeAt(i)) {
        case 0x7b: // {
          this.enter(new Set(), '');
          break;
        case 0x5b: // [
          this.enter(undefined, 0);
          break;
        case 0x7d: // }
        case 0x5d: // ]
          this.open.pop();
          this.path.pop();
          break;
        case 0x2c: { // ,
          const index = this.path.at(-1);
          if (typeof index === 'number') this.path[this.path.length - 1] = index + 1;
          break;
        }
        case 0x22: { // "
          const end = endOfString(this.text, i);
          const names = this.open.at(-1);
          if (names && this.isName(end)) this.see(names, this.text.slice(i, end + 1));
          i = end;
        }
      }
    }
  }

  private enter(names: Set<string> | undefined, first: string | number): void {
    if (this.open.length === MAX_DEPTH) throw refuse(REFUSAL.tooDeep);
    this.open.push(names);
    this.path.push(first);
  }

  private isName(endOfName: number): boolean {
    let i = endOfName + 1;
    while (i < this.text.length && ' \t\n\r'.includes(this.text.charAt(i))) i++;
    return this.text.charCodeAt(i) === 0x3a; // :
  }

  private see(names: Set<string>, literal: string): void {
    const name = literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
    this.path[this.path.length - 1] = name;
    if (FORBIDDEN.has(name)) throw refuse(REFUSAL.forbiddenName, this.path);
    if (names.has(name)) throw refuse(REFUSAL.nameTwice, this.path);
    names.add(name);
  }
}

interface Unstorable {
  readonly detail: Bilingual;
  /** From the inside out: it is only built on the way back from a fault. */
  readonly path: (string | number)[];
}

const unstorableText = (text: string): Bilingual | undefined => {
  if (text.includes('\0')) return REFUSAL.nul;
  return text.isWellFormed() ? undefined : REFUSAL.loneSurrogate;
};

/** The first value that PostgreSQL could not store, or that is no longer what was sent. */
function unstorable(value: unknown): Unstorable | undefined {
  if (typeof value === 'string') return at(unstorableText(value));
  if (typeof value === 'number') return at(Number.isFinite(value) ? undefined : REFUSAL.outOfRange);
  if (typeof value !== 'object' || value === null) return undefined;
  const isArray = Array.isArray(value);
  for (const name of Object.keys(value)) {
    const fault = (isArray ? undefined : at(unstorableText(name))) ?? inside((value as Record<string, unknown>)[name], name);
    if (fault) return fault;
  }
  return undefined;
}

const at = (detail: Bilingual | undefined): Unstorable | undefined => detail && { detail, path: [] };

function inside(value: unknown, name: string): Unstorable | undefined {
  const fault = unstorable(value);
  fault?.path.push(name);
  return fault;
}
