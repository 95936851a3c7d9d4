import { reportPublished } from '@cahier/contracts';
import type { Fact } from '@cahier/messaging';
import type { DataSource } from 'typeorm';
import { Report } from './reports/report.entity.js';

/** The reports that were published: what this service's tables still say of what it told. */
export async function* facts(db: DataSource): AsyncIterable<Fact> {
  for (const report of await db.manager.find(Report, { where: { state: 'published' }, order: { publishedAt: 'ASC', id: 'ASC' } })) {
    yield { contract: reportPublished, data: report.publication(), version: report.eventVersion, at: report.publishedAt! };
  }
}
