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
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private bytes = 0;

  private constructor(private readonly path: string, private readonly handle: FileHandle) {}

  /** @throws Error when it exists. */
  static async create(path: string): Promise<CheckedFile> {
    return new CheckedFile(path, await open(path, 'wx'));
  }

  /** @returns nothing while there is room; otherwise what to await before giving it more. */
  write(chunk: string | Buffer): Promise<void> | undefined {
    const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.pending.push(buffer);
    this.pendingBytes += buffer.length;
    return this.pendingBytes >= BUFFER_BYTES ? this.flush() : undefined;
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
    const read = await digestOf(this.path);
    if (read.bytes !== written.bytes || read.sha256 !== written.sha256) throw new Error(`${this.path}: the disk gives back other bytes than were written`);
    return written;
  }

  private async flush(): Promise<void> {
    const chunk = Buffer.concat(this.pending);
    this.pending = [];
    this.pendingBytes = 0;
    this.hash.update(chunk);
    this.bytes += chunk.length;
    for (let offset = 0; offset < chunk.length; ) offset += (await this.handle.write(chunk, offset)).bytesWritten;
  }
}

/** Of a file as the disk has it, in constant memory. */
export async function digestOf(path: string): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
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
