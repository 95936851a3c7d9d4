import { MessagingModule, messagingRetention, outboxFacts } from '@cahier/messaging';
import { PlatformModule } from '@cahier/platform';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CONFIG, type Config } from './config.js';
import { CampaignModule } from './campaigns/campaign.module.js';
import { dataSourceOptions } from './data-source.js';
import { DocumentModule } from './documents/document.module.js';
import { ProgrammeModule } from './programmes/programme.module.js';
import { ScheduleModule } from './schedule/schedule.module.js';
import { SteeringModule } from './steering/steering.module.js';

export const SERVICE = 'campaign-service';

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
        PlatformModule.forRoot({ service: SERVICE, config, retention: messagingRetention({ keepPublished: true }) }),
        // Events are few, and are the audit of what was said: they stay. Staff can work while the broker is away.
        MessagingModule.forRoot({ service: SERVICE, config, facts: outboxFacts, readinessNeedsBroker: false }),
        SteeringModule, ProgrammeModule, CampaignModule, DocumentModule, ScheduleModule,
      ],
    };
  }
}
