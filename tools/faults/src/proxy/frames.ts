/** Cuts a byte stream into messages, as they begin with their length; keeps what is not complete yet. */
export class Frames {
  private rest: Buffer = Buffer.alloc(0);

  /** @param typeBytes before the length (PostgreSQL: 1, Kafka: 0). @param lengthCountsItself as PostgreSQL does, Kafka does not. @param untyped messages at the start without a type: PostgreSQL's client greets so. */
  constructor(private readonly typeBytes: 0 | 1, private readonly lengthCountsItself: boolean, private untyped = 0) {}

  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (let size = this.sizeOf(data); size !== undefined && data.length >= size; size = this.sizeOf(data)) {
      frames.push(data.subarray(0, size));
      data = data.subarray(size);
      if (this.untyped > 0) this.untyped--;
    }
    this.rest = data;
    return frames;
  }

  private sizeOf(data: Buffer): number | undefined {
    const before = this.untyped > 0 ? 0 : this.typeBytes;
    if (data.length < before + 4) return undefined;
    return before + data.readUInt32BE(before) + (this.lengthCountsItself ? 0 : 4);
  }
}
