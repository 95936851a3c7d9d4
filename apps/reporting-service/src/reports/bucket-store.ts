import { createReadStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, HeadBucketCommand, ListObjectsV2Command, NoSuchKey, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { Config } from '../config.js';
import { digestOf } from '../export/checked-file.js';
import { NoPlace, type ReportFile } from '../export/report-order.js';
import { type Attempt, attemptIn, nameOf, NotStored, ReportStore } from './report-store.js';

type Settings = Pick<Config, 'REPORT_STORE_BUCKET' | 'REPORT_STORE_ENDPOINT' | 'REPORT_STORE_REGION' | 'REPORT_STORE_ACCESS_KEY' | 'REPORT_STORE_SECRET_KEY'>;

const CONNECT_MS = 5_000;
/** Without a byte. */
const SILENT_MS = 60_000;

/**
 * A bucket of an S3-compatible store: `<report>-<attempt>/<file>`. Reports are made on this machine's own disk, then uploaded, the
 * manifest last, and each object is read back. An upload that was broken off is no object; its parts cost space until the bucket's
 * rule for incomplete uploads removes them.
 */
export class BucketStore extends ReportStore {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor(settings: Settings, workshop = join(tmpdir(), 'cahier-reports')) {
    super(workshop);
    this.bucket = settings.REPORT_STORE_BUCKET;
    this.client = new S3Client({
      endpoint: settings.REPORT_STORE_ENDPOINT, region: settings.REPORT_STORE_REGION, forcePathStyle: true,
      credentials: { accessKeyId: settings.REPORT_STORE_ACCESS_KEY, secretAccessKey: settings.REPORT_STORE_SECRET_KEY },
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: SILENT_MS },
      // Each part is sent with its SHA-256 (below); the checksums that Amazon adds by itself not every store knows.
      requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  override async prepare(attempt: Attempt): Promise<string> {
    await mkdir(this.workshop, { recursive: true });
    for (const name of await readdir(this.workshop)) if (name.startsWith(`${attempt.id}-`)) await this.clear(join(this.workshop, name));
    await this.placed(async () => {
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.client }, { Bucket: this.bucket, Prefix: `${attempt.id}-` })) {
        for (const { Key } of Contents) await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key }));
      }
    });
    return join(this.workshop, nameOf(attempt));
  }

  override async keep(attempt: Attempt, folder: string, files: readonly ReportFile[]): Promise<void> {
    for (const file of files) {
      const read = await this.placed(async () => {
        await this.upload(attempt, folder, file);
        return digestOf(await this.read(attempt, file.name));
      });
      if (read.sha256 !== file.sha256) throw new Error(`${nameOf(attempt)}/${file.name}: the bucket gives back other bytes than were written`);
    }
    await this.clear(folder);
  }

  override async attemptOf(reportId: string): Promise<number | undefined> {
    const { Contents = [] } = await this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: `${reportId}-` }));
    // The manifest comes last: without it an upload was broken off.
    return attemptIn(Contents.find(({ Key }) => Key?.endsWith('/manifest.json'))?.Key?.split('/')[0], reportId);
  }

  override async read(attempt: Attempt, name: string): Promise<Readable> {
    const Key = `${nameOf(attempt)}/${name}`;
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key })).catch((cause: unknown) => {
      throw cause instanceof NoSuchKey ? new NotStored(Key, { cause }) : cause;
    });
    // In Node it is the response itself.
    return Body as Readable;
  }

  override async check(): Promise<void> {
    await this.client.send(new HeadBucketCommand({ Bucket: this.bucket }));
  }

  private async upload(attempt: Attempt, folder: string, { name, mediaType }: ReportFile): Promise<void> {
    const Body = createReadStream(join(folder, name));
    await new Upload({ client: this.client, params: { Bucket: this.bucket, Key: `${nameOf(attempt)}/${name}`, ContentType: mediaType, ChecksumAlgorithm: 'SHA256', Body } }).done();
  }

  /** Whatever the store answers instead of taking a file, it may take it later: refused, full, gone, unknown. */
  private async placed<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw new NoPlace(`The bucket ${this.bucket} does not take the files: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}
