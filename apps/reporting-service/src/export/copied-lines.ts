/**
 * Lines of COPY's text format, as many at a time as have arrived whole. One is a row: what looks like a separator is escaped
 * within a value (PostgreSQL's manual, COPY, “Text Format”), so that lines and columns can be split where they are.
 * @param chunks of bytes, cut anywhere.
 */
export async function* copiedLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[], void, undefined> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf('\n');
    if (end === -1) {
      begun.push(chunk);
      continue;
    }
    const whole = chunk.subarray(0, end);
    yield (begun.length === 0 ? whole : Buffer.concat([...begun, whole])).toString().split('\n');
    begun = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
  }
}

/** Each value of a line as PostgreSQL's text, in the order of the columns. One line at a time: what a whole batch makes at once outlives V8's young generation. */
export function valuesOf(line: string): (string | null)[] {
  return line.split('\t').map(valueOf);
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function valueOf(field: string): string | null {
  if (!field.includes('\\')) return field;
  return field === '\\N' ? null : field.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}
