import { Metrics, Status } from '@cahier/platform';
import { Module, type DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ReportLinks } from '../access/report-links.js';
import { CONFIG, type Config } from '../config.js';
import { ClaimReport } from './claim-report.use-case.js';
import { CompareWithSeal } from './compare-with-seal.use-case.js';
import { FinishReport } from './finish-report.use-case.js';
import { openReportStore } from './open-report-store.js';
import { OpenSharedReport } from './open-shared-report.queries.js';
import { OrderClosingReport } from './order-closing-report.handler.js';
import { OrderInterimReport } from './order-interim-report.use-case.js';
import { RemakeReport } from './remake-report.use-case.js';
import { ReportMaker } from './report-maker.js';
import { ReportMetrics } from './report-metrics.js';
import { ReportStore } from './report-store.js';
import { ReportWorker } from './report-worker.js';
import { ReportQueries } from './report.queries.js';
import { SharedReportController } from './shared-report.controller.js';
import { ReportStatus } from './report-status.js';
import { StaffReportController } from './staff-report.controller.js';

/** Reports: ordered by the seal or by staff, made by `maker`, kept in the store. */
@Module({})
export class ReportsModule {
  static with(maker: ReportMaker): DynamicModule {
    return {
      module: ReportsModule,
      controllers: [OrderClosingReport, StaffReportController, SharedReportController],
      providers: [
        OrderInterimReport, RemakeReport, CompareWithSeal, ClaimReport, FinishReport, ReportQueries, OpenSharedReport, ReportWorker,
        { provide: ReportMaker, useValue: maker },
        { provide: ReportStore, useFactory: openReportStore, inject: [CONFIG] },
        { provide: ReportLinks, useFactory: (config: Config) => new ReportLinks(config.REPORT_LINK_PUBLIC_JWK), inject: [CONFIG] },
        { provide: ReportStatus, useFactory: (status: Status, db: DataSource) => new ReportStatus(status, db), inject: [Status, DataSource] },
        { provide: ReportMetrics, useFactory: (metrics: Metrics, db: DataSource) => new ReportMetrics(metrics, db), inject: [Metrics, DataSource] },
      ],
    };
  }
}
