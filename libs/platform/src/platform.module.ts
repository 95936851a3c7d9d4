import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { CLOCK, SystemClock } from './clock.js';
import type { CommonConfig } from './config.js';
import { FrontDoor } from './front-door.js';
import { type ConnectionPool, Metrics } from './metrics.js';
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
        { provide: Metrics, useFactory: metricsOf, inject: [DataSource, Readiness] },
        { provide: RateLimits, useFactory: (metrics: Metrics) => new RateLimits(config, metrics), inject: [Metrics] },
        FrontDoor,
        Readiness,
        { provide: Retention, useFactory: (db: DataSource) => new Retention(db, retention), inject: [DataSource] },
        StaffActionQueries,
        StaffGuard,
        StartUpChecks,
        Status,
      ],
      exports: [CLOCK, FrontDoor, Metrics, RateLimits, Readiness, AccessTokens, StaffGuard, Status],
    };
  }
}

function metricsOf(db: DataSource, readiness: Readiness): Metrics {
  const metrics = new Metrics();
  // The pool that TypeORM keeps behind its driver.
  metrics.watchPool('main', () => (db.driver as unknown as { readonly master?: ConnectionPool }).master);
  metrics.gauge('cahier_ready', '1 for each part that can work, 0 otherwise: what /health/ready answers by.', ['part'], async (gauge) => {
    for (const [part, state] of Object.entries((await readiness.report()).parts)) gauge.set({ part }, state === 'up' ? 1 : 0);
  });
  return metrics;
}
