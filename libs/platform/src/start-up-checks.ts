import { Inject, Injectable, RequestMethod, type OnApplicationBootstrap } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DataSource } from 'typeorm';
import type { CommonConfig } from './config.js';
import { assertDurability } from './database.js';
import { Readiness } from './readiness.js';
import { accessOf, staffOf } from './staff.js';

export const CONFIG = Symbol('CommonConfig');

interface Route {
  readonly controller: new () => unknown;
  readonly method: () => unknown;
}

/** Nest's metadata of a parameter; body, query and path are types 3, 4 and 5. */
type Parameters = Readonly<Record<`${number}:${number}`, { schema?: unknown; factory?: unknown; pipes: readonly unknown[] }>>;
const FROM_OUTSIDE = /^[345]:/;

/** Refuses to start with a route that does not say who may call it or what it takes, with staff who act unnamed, or on a database that forgets. */
@Injectable()
export class StartUpChecks implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
    private readonly db: DataSource,
    private readonly readiness: Readiness,
    @Inject(CONFIG) private readonly config: CommonConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.refuse('Neither @Public nor @Staff', ({ controller, method }) => accessOf(this.reflector, method, controller) === undefined);
    this.refuse('Body, query or path without a schema', takesAnything);
    this.refuse('A staff action without its actor', (route) => this.actsUnnamed(route));
    await assertDurability(this.db, this.config.DURABILITY_PROFILE);
    this.readiness.add('database', async () => {
      await this.db.query('SELECT 1');
    });
  }

  private refuse(reason: string, isCareless: (route: Route) => boolean): void {
    const careless = this.routes().filter(isCareless);
    if (careless.length > 0) throw new Error(`${reason}: ${careless.map(({ controller, method }) => `${controller.name}.${method.name}`).join(', ')}`);
  }

  private actsUnnamed({ controller, method }: Route): boolean {
    const isRead = Reflect.getMetadata('method', method) === RequestMethod.GET;
    return !isRead && accessOf(this.reflector, method, controller) !== 'public' && !Object.values(parametersOf({ controller, method })).some(({ factory }) => factory === staffOf);
  }

  /** Methods that answer HTTP: they carry Nest's path metadata. */
  private routes(): Route[] {
    return this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      if (!instance || !metatype) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .map((name) => prototype[name]!)
        .filter((method) => Reflect.hasMetadata('path', method))
        .map((method) => ({ controller: metatype as new () => unknown, method }));
    });
  }
}

const parametersOf = ({ controller, method }: Route): Parameters => (Reflect.getMetadata('__routeArguments__', controller, method.name) ?? {}) as Parameters;

function takesAnything(route: Route): boolean {
  return Object.entries(parametersOf(route)).some(([place, { schema, pipes }]) => FROM_OUTSIDE.test(place) && schema === undefined && pipes.length === 0);
}
