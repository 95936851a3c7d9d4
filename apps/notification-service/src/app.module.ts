import { MessagingModule, messagingRetention, outboxFacts } from '@cahier/messaging';
import { PlatformModule } from '@cahier/platform';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CONFIG, type Config } from './config.js';
import { DispatchModule } from './dispatch/dispatch.module.js';
import { dataSourceOptions } from './data-source.js';
import { MailingModule } from './mailings/mailing.module.js';
import { contactRetention } from './operations/contact-retention.js';
import { OperationsModule } from './operations/operations.module.js';
import { SubscriptionModule } from './subscriptions/subscription.module.js';

export const SERVICE = 'notification-service';

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
        PlatformModule.forRoot({ service: SERVICE, config, retention: [...messagingRetention({ keepPublished: false }), ...contactRetention(config.CONTACT_RETENTION_DAYS)] }),
        MessagingModule.forRoot({ service: SERVICE, config, facts: outboxFacts }),
        SubscriptionModule, MailingModule, DispatchModule, OperationsModule,
      ],
    };
  }
}
