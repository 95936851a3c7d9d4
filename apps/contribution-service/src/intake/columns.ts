import type { BatchRow } from './accept-contributions.statement.js';

/** OIDs of PostgreSQL's own types never change. */
const OID = { text: 25, bytea: 17, integer: 23 } as const;

type Value = string | Buffer | number | null;

/**
 * The first parameters of `acceptContributions`: one array for each column, in its binary form, which costs the server neither a parser nor a copy.
 * One instance for each connection: the memory of a statement serves the next one. Fresh memory for each made V8 collect everything about once
 * a second, which everybody who was waiting could feel.
 */
export class Columns {
  private bytes = Buffer.alloc(0);
  private end = 0;

  /** @returns parameters that hold until the next call. */
  of(rows: readonly BatchRow[]): Buffer[] {
    const columns: [keyof typeof OID, Value[]][] = [
      ['text', rows.map((row) => row.contribution_id)],
      ['text', rows.map((row) => row.campaign_id)],
      ['text', rows.map((row) => row.event_id)],
      ['bytea', rows.map((row) => row.key_hash)],
      ['text', rows.map((row) => row.body_sha256)],
      ['text', rows.map((row) => row.participant_ref)],
      ['text', rows.map((row) => row.sealed_contact)],
      ['text', rows.map((row) => row.traceparent)],
      ['text', rows.map((row) => row.classification)],
      ['text', rows.map((row) => row.text)],
      ['text', rows.map((row) => row.targets)],
      ['integer', rows.map((row) => row.waited)],
      ['bytea', rows.map((row) => row.body_sealed)],
    ];
    const room = columns.reduce((sum, [, values]) => values.reduce((all: number, value) => all + 4 + atMost(value), sum + 20), 0);
    if (room > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(room);
    this.end = 0;
    return columns.map(([type, values]) => this.array(type, values));
  }

  /** As PostgreSQL's `array_recv` reads it: dimensions, whether there are nulls, type, length, lower bound; then the length and the bytes of each element, all integers of four bytes, big-endian. */
  private array(type: keyof typeof OID, values: readonly Value[]): Buffer {
    const start = this.end;
    for (const value of [1, 1, OID[type], values.length, 1]) this.integer(value);
    for (const value of values) {
      const lengthAt = this.end;
      this.integer(-1);
      if (value === null) continue;
      if (typeof value === 'number') this.integer(value);
      else this.end += typeof value === 'string' ? this.bytes.write(value, this.end) : value.copy(this.bytes, this.end);
      this.bytes.writeInt32BE(this.end - lengthAt - 4, lengthAt);
    }
    return this.bytes.subarray(start, this.end);
  }

  private integer(value: number): void {
    this.end = this.bytes.writeInt32BE(value, this.end);
  }
}

/** In bytes. Room is cheaper than counting the bytes of a text before they are written. */
function atMost(value: Value): number {
  return typeof value === 'string' ? 3 * value.length : typeof value === 'number' ? 4 : (value?.length ?? 0);
}
