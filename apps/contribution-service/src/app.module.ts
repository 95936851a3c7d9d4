import { MessagingModule, messagingRetention } from '@cahier/messaging';
import { PlatformModule } from '@cahier/platform';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CONFIG, type Config } from './config.js';
import { contactRetention } from './contributions/contact-retention.js';
import { ContributionModule } from './contributions/contribution.module.js';
import { dataSourceOptions } from './data-source.js';
import { facts } from './facts.js';
import { IntakeModule } from './intake/intake.module.js';
import { SchemaReadiness } from './schema-readiness.js';
import { SealModule } from './seal/seal.module.js';
import { WindowModule } from './windows/window.module.js';

export const SERVICE = 'contribution-service';

@Global()
@Module({})
class ConfigModule {}

/** Composition root. */
@Module({})
export class AppModule {
  /** @param options `connect: false` for what only looks at the routes. */
  static with(config: Config, { connect = true } = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        { module: ConfigModule, providers: [{ provide: CONFIG, useValue: config }], exports: [CONFIG] },
        TypeOrmModule.forRoot({ ...dataSourceOptions(config.DATABASE_URL, config.DATABASE_POOL), manualInitialization: !connect }),
        PlatformModule.forRoot({ service: SERVICE, config, retention: [...messagingRetention({ keepPublished: false }), contactRetention(config.CONTACT_RETENTION_DAYS)] }),
        // A broker outage must never take intake away: readiness does not ask for it.
        MessagingModule.forRoot({ service: SERVICE, config, facts, readinessNeedsBroker: false }),
        WindowModule, IntakeModule, ContributionModule, SealModule,
      ],
      providers: [SchemaReadiness],
    };
  }
}
