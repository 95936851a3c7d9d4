import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);
const font = (family: string, file: string) => join(dirname(resolve(`@expo-google-fonts/${family}/package.json`)), file);

/** Fonts shipped with the service (SIL Open Font License): a report looks the same wherever it is made. */
const FILES = [
  font('source-sans-3', '400Regular/SourceSans3_400Regular.ttf'),
  font('source-sans-3', '400Regular_Italic/SourceSans3_400Regular_Italic.ttf'),
  font('source-sans-3', '600SemiBold/SourceSans3_600SemiBold.ttf'),
  font('source-sans-3', '700Bold/SourceSans3_700Bold.ttf'),
  font('spectral', '400Regular/Spectral_400Regular.ttf'),
  font('spectral', '400Regular_Italic/Spectral_400Regular_Italic.ttf'),
  font('spectral', '600SemiBold/Spectral_600SemiBold.ttf'),
  font('noto-emoji', '400Regular/NotoEmoji_400Regular.ttf'),
];
/** What the template falls back to, in its order: only what one of these has can be printed. */
const FALLBACK = [FILES[0]!, FILES.at(-1)!];

export function loadFonts(): Buffer[] {
  return FILES.map((file) => readFileSync(file));
}

/** Every code point that a report can print, whichever of its fonts surrounds it. */
export function loadCoverage(): (codePoint: number) => boolean {
  const covered = FALLBACK.map((file) => readCmap(readFileSync(file)));
  return (codePoint) => covered.some((has) => has(codePoint));
}

/** The characters of a TrueType font: OpenType `cmap`, format 12 or 4. */
function readCmap(font: Buffer): (codePoint: number) => boolean {
  const cmap = tableAt(font, 'cmap');
  const subtables = Array.from({ length: font.readUInt16BE(cmap + 2) }, (_, index) => cmap + font.readUInt32BE(cmap + 4 + index * 8 + 4));
  const full = subtables.find((at) => font.readUInt16BE(at) === 12);
  if (full !== undefined) return inRanges(segments12(font, full));
  const basic = subtables.find((at) => font.readUInt16BE(at) === 4);
  if (basic !== undefined) return inRanges(segments4(font, basic));
  throw new Error('A font without a Unicode character map');
}

function tableAt(font: Buffer, tag: string): number {
  for (let index = 0; index < font.readUInt16BE(4); index++) {
    const at = 12 + index * 16;
    if (font.toString('latin1', at, at + 4) === tag) return font.readUInt32BE(at + 8);
  }
  throw new Error(`A font without ${tag}`);
}

type Range = readonly [first: number, last: number];

function segments12(font: Buffer, at: number): Range[] {
  return Array.from({ length: font.readUInt32BE(at + 12) }, (_, index) => [font.readUInt32BE(at + 16 + index * 12), font.readUInt32BE(at + 20 + index * 12)]);
}

function segments4(font: Buffer, at: number): Range[] {
  const count = font.readUInt16BE(at + 6) / 2;
  const ends = at + 14;
  const starts = ends + count * 2 + 2;
  return Array.from({ length: count }, (_, index): Range => [font.readUInt16BE(starts + index * 2), font.readUInt16BE(ends + index * 2)]).filter(([first]) => first !== 0xffff);
}

const inRanges = (ranges: readonly Range[]) => (codePoint: number) => ranges.some(([first, last]) => first <= codePoint && codePoint <= last);
