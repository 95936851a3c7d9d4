import { type DynamicModule, Inject, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { CLOCK, SystemClock } from './clock.js';
import type { CommonConfig } from './config.js';
import { assertDurability } from './database.js';
import { Metrics } from './metrics.js';
import { OperationsController } from './operations.controller.js';
import { Readiness } from './readiness.js';
import { AccessTokens, accessOf, StaffGuard } from './staff.js';

const CONFIG = Symbol('CommonConfig');

/** Refuses to start with a route that does not say who may call it, or on a database that forgets. */
@Injectable()
class StartUpChecks implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
    private readonly db: DataSource,
    private readonly readiness: Readiness,
    @Inject(CONFIG) private readonly config: CommonConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const open = this.routes().filter(([controller, handler]) => accessOf(this.reflector, handler, controller) === undefined);
    if (open.length > 0) throw new Error(`Neither @Public nor @Staff: ${open.map(([controller, handler]) => `${controller.name}.${handler.name}`).join(', ')}`);
    await assertDurability(this.db, this.config.DURABILITY_PROFILE);
    this.readiness.add('database', async () => {
      await this.db.query('SELECT 1');
    });
  }

  /** Methods that answer HTTP: they carry Nest's path metadata. */
  private routes(): [new () => unknown, () => unknown][] {
    return this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      if (!instance || !metatype) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .map((name) => prototype[name]!)
        .filter((method) => Reflect.hasMetadata('path', method))
        .map((method): [new () => unknown, () => unknown] => [metatype as new () => unknown, method]);
    });
  }
}

/** What every service has: clock, sign-in, readiness, metrics, and the routes of those who operate it. Needs a `DataSource`. */
@Module({})
export class PlatformModule {
  static forRoot({ config }: { service: string; config: CommonConfig }): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      imports: [DiscoveryModule],
      controllers: [OperationsController],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: CLOCK, useClass: SystemClock },
        { provide: AccessTokens, useFactory: () => new AccessTokens({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE, jwksUrl: config.OIDC_JWKS_URL }) },
        Metrics,
        Readiness,
        StaffGuard,
        StartUpChecks,
      ],
      exports: [CLOCK, Metrics, Readiness, AccessTokens, StaffGuard],
    };
  }
}
