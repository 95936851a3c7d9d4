import { StreamableFile } from '@nestjs/common';
import type { ReportStore } from './report-store.js';
import type { StoredFile } from './report.queries.js';

/** What a route may say of its answer: the part of Fastify's reply that is used here. */
export interface Reply {
  header(name: string, value: string): unknown;
  headers(values: Readonly<Record<string, string>>): unknown;
  status(code: number): unknown;
}

/** Streams one file of a report; 304 to whoever has it. The entity tag is its SHA-256. */
export async function download(store: ReportStore, { report, file, saveAs }: StoredFile, ifNoneMatch: string | undefined, reply: Reply): Promise<StreamableFile | undefined> {
  const tag = `"${file.sha256}"`;
  void reply.headers({ etag: tag, 'cache-control': 'private, no-cache', 'x-content-type-options': 'nosniff' });
  if (ifNoneMatch?.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === tag)) {
    void reply.status(304);
    return undefined;
  }
  return new StreamableFile(await store.read(report, file.name), { type: file.mediaType, length: file.bytes, disposition: `attachment; filename="${saveAs}"` });
}
