import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Api } from '../http/api.js';

export interface ReportFile {
  readonly name: string;
  readonly path: string;
  /** Of the bytes that were downloaded. */
  readonly sha256: string;
  /** As manifest.json has it; absent: it does not name the file. */
  readonly manifestSha256: string | undefined;
}

const report = z.object({ reportId: z.uuid(), kind: z.string(), state: z.string(), cause: z.string().nullish(), missing: z.int().nullish(), files: z.array(z.object({ name: z.string() })).nullish() });
const reports = z.object({ items: z.array(report) });
const manifest = z.object({ files: z.array(z.object({ name: z.string(), sha256: z.string() })) });
type Report = z.infer<typeof report>;

/** It could not be made, or not in the time that was given for it. */
export class NoReport extends Error {}

/** Waits for the closing report. @throws NoReport with its state. */
export async function closingReport(api: Api, reportingUrl: string, campaignId: string, timeoutMs = 60_000): Promise<Report> {
  const start = performance.now();
  while (true) {
    const { items } = await api.get(`${reportingUrl}/staff/reports?campaignId=${campaignId}`, reports);
    const closing = items.find(({ kind }) => kind === 'closing');
    if (closing?.state === 'published') return closing;
    if (closing && ['failed', 'mismatch'].includes(closing.state)) throw new NoReport(`The closing report is ${closing.state}: ${closing.cause}`);
    if (performance.now() - start > timeoutMs) throw new NoReport(`Waited ${timeoutMs / 1_000} s for the closing report: it is ${closing?.state ?? 'not there'}${closing?.missing ? `, ${closing.missing} contributions missing` : ''}`);
    await sleep(100);
  }
}

/** Downloads every file of a report into a folder, as somebody would to check it elsewhere. */
export async function downloadReport(api: Api, reportingUrl: string, { reportId, files }: Report, folder: string): Promise<ReportFile[]> {
  mkdirSync(folder, { recursive: true });
  const names = [...new Set([...(files ?? []).map(({ name }) => name), 'manifest.json'])];
  const downloaded = await Promise.all(
    names.map(async (name) => {
      const { body } = await api.reply(`${reportingUrl}/staff/reports/${reportId}/files/${name}`);
      const path = join(folder, name);
      writeFileSync(path, body);
      return { name, path, body };
    }),
  );
  const described = manifest.parse(JSON.parse(String(downloaded.find(({ name }) => name === 'manifest.json')?.body)));
  return downloaded.map(({ name, path, body }) => ({ name, path, sha256: createHash('sha256').update(body).digest('hex'), manifestSha256: described.files.find((file) => file.name === name)?.sha256 }));
}
