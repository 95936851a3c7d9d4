import type { Config } from '../config.js';
import type { ReportStore } from './report-store.js';

/** The store of the configuration; the client of the other kind is not even loaded. */
export async function openReportStore(config: Config): Promise<ReportStore> {
  if (config.REPORT_STORE_BUCKET === '') return new (await import('./folder-store.js')).FolderStore(config.REPORT_STORE_FOLDER);
  return new (await import('./bucket-store.js')).BucketStore(config);
}
