import { MessagingModule, messagingRetention } from '@cahier/messaging';
import { PlatformModule } from '@cahier/platform';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CONFIG, type Config } from './config.js';
import { dataSourceOptions } from './data-source.js';
import { facts } from './facts.js';
import { FiguresModule } from './figures/figures.module.js';
import { ProjectionsModule } from './projections/projections.module.js';
import { ForkedReportMaker, type ReportMaker } from './reports/report-maker.js';
import { ReportsModule } from './reports/reports.module.js';

export const SERVICE = 'reporting-service';

@Global()
@Module({})
class ConfigModule {}

/** Composition root. */
@Module({})
export class AppModule {
  /** @param options `connect: false` for what only looks at the routes; `maker` for tests that make reports another way. */
  static with(config: Config, { connect = true, maker = undefined as ReportMaker | undefined } = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        { module: ConfigModule, providers: [{ provide: CONFIG, useValue: config }], exports: [CONFIG] },
        TypeOrmModule.forRoot({ ...dataSourceOptions(config.DATABASE_URL, config.DATABASE_POOL), manualInitialization: !connect }),
        PlatformModule.forRoot({ service: SERVICE, config, retention: messagingRetention({ keepPublished: true }) }),
        MessagingModule.forRoot({ service: SERVICE, config, facts }),
        ProjectionsModule, FiguresModule, ReportsModule.with(maker ?? ForkedReportMaker.inOwnProcess()),
      ],
    };
  }
}
