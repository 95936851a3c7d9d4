import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { CLOCK, SystemClock } from './clock.js';
import type { CommonConfig } from './config.js';
import { Metrics } from './metrics.js';
import { OperationsController } from './operations.controller.js';
import { RateLimits } from './rate-limit/rate-limits.js';
import { Readiness } from './readiness.js';
import { AccessTokens, StaffGuard } from './staff.js';
import { RetentionController } from './retention/retention.controller.js';
import { Retention, type RetentionRule } from './retention/retention.js';
import { StaffActionController } from './staff-actions/staff-action.controller.js';
import { StaffActionQueries } from './staff-actions/staff-action.queries.js';
import { CONFIG, StartUpChecks } from './start-up-checks.js';
import { Status, StatusController } from './status.js';

/** What every service has: clock, sign-in, readiness, metrics, and the routes of those who operate it. Needs a `DataSource`. */
@Module({})
export class PlatformModule {
  /** @param options.retention what may not be kept for ever. */
  static forRoot({ config, retention = [] }: { service: string; config: CommonConfig; retention?: readonly RetentionRule[] }): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      imports: [DiscoveryModule],
      controllers: [OperationsController, RetentionController, StaffActionController, StatusController],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useClass: SystemClock },
        { provide: AccessTokens, useFactory: () => new AccessTokens({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE, jwksUrl: config.OIDC_JWKS_URL }) },
        Metrics,
        { provide: RateLimits, useFactory: (metrics: Metrics) => new RateLimits(config, metrics), inject: [Metrics] },
        Readiness,
        { provide: Retention, useFactory: (db: DataSource) => new Retention(db, retention), inject: [DataSource] },
        StaffActionQueries,
        StaffGuard,
        StartUpChecks,
        Status,
      ],
      exports: [CLOCK, Metrics, RateLimits, Readiness, AccessTokens, StaffGuard, Status],
    };
  }
}
