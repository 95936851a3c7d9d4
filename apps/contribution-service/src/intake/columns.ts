import type { BatchRow } from './accept-contributions.statement.js';

/** OIDs of PostgreSQL's own types never change. */
const OID = { text: 25, bytea: 17, integer: 23 } as const;

/** The first parameters of `acceptContributions`: one array for each column, in its binary form, which costs the server neither a parser nor a copy. */
export function columns(rows: readonly BatchRow[]): Buffer[] {
  return [
    array('text', rows.map((row) => row.contribution_id)),
    array('text', rows.map((row) => row.campaign_id)),
    array('text', rows.map((row) => row.event_id)),
    array('bytea', rows.map((row) => row.key_hash)),
    array('text', rows.map((row) => row.body_sha256)),
    array('text', rows.map((row) => row.participant_ref)),
    array('text', rows.map((row) => row.sealed_contact)),
    array('text', rows.map((row) => row.traceparent)),
    array('text', rows.map((row) => row.classification)),
    array('text', rows.map((row) => row.text)),
    array('text', rows.map((row) => row.targets)),
    array('integer', rows.map((row) => row.waited)),
    array('bytea', rows.map((row) => row.body_sealed)),
  ];
}

/** As PostgreSQL's `array_recv` reads it: dimensions, whether there are nulls, type, length, lower bound; then the length and the bytes of each element, all integers of four bytes, big-endian. */
function array(type: keyof typeof OID, values: readonly (string | Buffer | number | null)[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.reduce<number>((sum, value) => sum + 4 + sizeOf(value), 20));
  let end = 0;
  const integer = (value: number): void => { end = bytes.writeInt32BE(value, end); };
  for (const value of [1, 1, OID[type], values.length, 1]) integer(value);
  for (const value of values) {
    integer(value === null ? -1 : sizeOf(value));
    if (typeof value === 'number') integer(value);
    else if (typeof value === 'string') end += bytes.write(value, end);
    else if (value !== null) end += value.copy(bytes, end);
  }
  return bytes;
}

function sizeOf(value: string | Buffer | number | null): number {
  return value === null ? 0 : typeof value === 'number' ? 4 : Buffer.byteLength(value);
}
