import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

export interface WrittenFile {
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

const BUFFER_BYTES = 256 * 1024;

/** A new file that knows what was meant to be in it, so that what the disk gives back can be compared. */
export class CheckedFile {
  private readonly hash = createHash('sha256');
  /** One for the file's whole life: a buffer for each line would be garbage by the hundred megabytes. */
  private readonly buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  private filled = 0;
  private bytes = 0;

  private constructor(private readonly path: string, private readonly handle: FileHandle) {}

  /** @throws Error when it exists. */
  static async create(path: string): Promise<CheckedFile> {
    return new CheckedFile(path, await open(path, 'wx'));
  }

  /** @returns nothing while there is room; otherwise what to await before giving it more. */
  write(chunk: string | Buffer): Promise<void> | undefined {
    if (this.filled + mostBytes(chunk) > BUFFER_BYTES) return this.makeRoom(chunk);
    this.filled += typeof chunk === 'string' ? this.buffer.write(chunk, this.filled) : chunk.copy(this.buffer, this.filled);
    return undefined;
  }

  /**
   * Writes the rest, makes it durable, and reads all of it back.
   * @throws Error when the disk gives back other bytes.
   */
  async close(): Promise<WrittenFile> {
    await this.flush();
    await this.handle.sync();
    await this.handle.close();
    const written = { bytes: this.bytes, sha256: this.hash.digest('hex') };
    const read = await digestOf(createReadStream(this.path) as AsyncIterable<Buffer>);
    if (read.bytes !== written.bytes || read.sha256 !== written.sha256) throw new Error(`${this.path}: the disk gives back other bytes than were written`);
    return written;
  }

  private async makeRoom(chunk: string | Buffer): Promise<void> {
    await this.flush();
    if (mostBytes(chunk) > BUFFER_BYTES) await this.append(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    else await this.write(chunk);
  }

  private async flush(): Promise<void> {
    const length = this.filled;
    this.filled = 0;
    await this.append(this.buffer.subarray(0, length));
  }

  private async append(bytes: Buffer): Promise<void> {
    this.hash.update(bytes);
    this.bytes += bytes.length;
    for (let offset = 0; offset < bytes.length; ) offset += (await this.handle.write(bytes, offset)).bytesWritten;
  }
}

/** Of a text without reading it: no UTF-16 unit takes more than three bytes of UTF-8. */
const mostBytes = (chunk: string | Buffer): number => (typeof chunk === 'string' ? chunk.length * 3 : chunk.length);

/** Of what is read, in constant memory. */
export async function digestOf(chunks: AsyncIterable<Buffer>): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** A small file in one go. */
export async function writeChecked(path: string, content: string | Buffer): Promise<WrittenFile> {
  const file = await CheckedFile.create(path);
  await file.write(content);
  return file.close();
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
