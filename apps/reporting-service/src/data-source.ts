import { messagingEntities, messagingMigrations } from '@cahier/messaging';
import { databaseOptions, platformMigrations } from '@cahier/platform';
import type { DataSourceOptions } from 'typeorm';
import { CreateReporting1767225600100 } from './migrations/1767225600100-create-reporting.js';
import { AddReportTrace1767225601100 } from './migrations/1767225601100-add-report-trace.js';
import { Report } from './reports/report.entity.js';

/** Entities and migrations, for the service, its commands and its tests. The projections are tables without an entity: SQL writes and reads them. */
export function dataSourceOptions(url: string, pool = 10): DataSourceOptions {
  return databaseOptions({
    url,
    pool,
    applicationName: 'reporting-service',
    entities: [Report, ...messagingEntities],
    migrations: [...platformMigrations, ...messagingMigrations, CreateReporting1767225600100, AddReportTrace1767225601100],
  });
}
