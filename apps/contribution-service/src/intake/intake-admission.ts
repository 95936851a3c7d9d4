import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CONFIG, type Config } from '../config.js';
import { FILINGS } from './intake.controller.js';
import { IntakeOverloaded } from './intake.errors.js';
import { IntakeQueue } from './intake-queue.js';
import { LoopLag } from './loop-lag.js';

/** Refuses what cannot be written in time before anything of it is read: a refusal then costs a fraction of a filing, and those already in get their answer. */
@Injectable()
export class IntakeAdmission implements OnModuleInit {
  constructor(
    private readonly http: HttpAdapterHost,
    private readonly queue: IntakeQueue,
    private readonly lag: LoopLag,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** After the hooks of the platform: a refused request is counted by its limits, and its reply has their headers. */
  onModuleInit(): void {
    const fastify: FastifyInstance = this.http.httpAdapter.getInstance();
    fastify.addHook('onRequest', (request, _reply, done) => {
      if (request.method === 'POST' && request.routeOptions.url === `/${FILINGS}` && this.isOverloaded) done(new IntakeOverloaded());
      else done();
    });
  }

  private get isOverloaded(): boolean {
    return this.queue.isFull || this.lag.ms > this.config.MAX_LOOP_LAG_MS;
  }
}
