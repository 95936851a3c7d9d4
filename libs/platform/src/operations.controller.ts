import { Controller, Get, Header, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';
import { Public } from './staff.js';

/** What those who run the service ask it. */
@Public()
@ApiExcludeController()
@Controller()
export class OperationsController {
  constructor(private readonly readiness: Readiness, private readonly metrics: Metrics) {}

  /** The process runs. */
  @Get('health/live')
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  /** 200 when every part can work, 503 otherwise. */
  @Get('health/ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const { ready, parts } = await this.readiness.report();
    if (!ready) void reply.status(503);
    return { status: ready ? 'up' : 'down', parts };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async exposition(): Promise<string> {
    return this.metrics.registry.metrics();
  }

  /** The `type` of a problem leads here: what its last part names is said by its title and detail. */
  @Get('problems/:code')
  problem(@Param('code') code: string): { type: string; documentation: string } {
    const safe = /^[a-z0-9.-]{1,80}$/.test(code) ? code : 'unknown';
    return { type: `/problems/${safe}`, documentation: 'RFC 9457; the codes of each route stand in /openapi.json' };
  }
}
