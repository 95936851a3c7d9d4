/**
 * Rows of COPY's text format, as many at a time as have arrived whole: its lines and columns can be split where they are, since
 * what looks like a separator is escaped within a value (PostgreSQL's manual, COPY, “Text Format”).
 * @param chunks of bytes, cut anywhere.
 */
export async function* copiedRows(chunks: AsyncIterable<Buffer>): AsyncGenerator<(string | null)[][]> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf('\n');
    if (end === -1) {
      begun.push(chunk);
      continue;
    }
    const whole = chunk.subarray(0, end);
    yield (begun.length === 0 ? whole : Buffer.concat([...begun, whole])).toString().split('\n').map((line) => line.split('\t').map(valueOf));
    begun = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
  }
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function valueOf(field: string): string | null {
  if (!field.includes('\\')) return field;
  return field === '\\N' ? null : field.replace(/\\(.)/g, (_, character: string) => ESCAPES[character] ?? character);
}
