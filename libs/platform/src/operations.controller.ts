import { Controller, Get, Header, Headers, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { pickLanguage } from './language.js';
import { Metrics } from './metrics.js';
import { html, renderPage } from './page.js';
import { Unlimited } from './rate-limit/limit-requests.js';
import { Readiness } from './readiness.js';
import { Public } from './staff.js';

const problemCode = z.object({ code: z.string().regex(/^[a-z0-9.-]{1,80}$/) });

const ABOUT_PROBLEMS = {
  fr: html`<p>Ce code nomme un refus de ce service (RFC 9457). Il ne change pas d’une version à l’autre : un programme peut s’y fier.</p>
<p>Dans la réponse, <code>title</code> et <code>detail</code> disent ce qui ne va pas, <code>errors</code> montre où, et <code>traceId</code> est à citer à l’assistance.</p>
<p><a href="../api">Les requêtes que ce service accepte</a></p>`,
  en: html`<p>This code names a refusal of this service (RFC 9457). It does not change between versions: programs may rely on it.</p>
<p>In the reply, <code>title</code> and <code>detail</code> say what is wrong, <code>errors</code> shows where, and <code>traceId</code> is to be quoted to the support.</p>
<p><a href="../api">The requests that this service takes</a></p>`,
};

/** What those who run the service ask it. */
@Public()
@ApiExcludeController()
@Controller()
export class OperationsController {
  constructor(private readonly readiness: Readiness, private readonly metrics: Metrics) {}

  /** The process runs. */
  @Get('health/live')
  @Unlimited()
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  /** 200 when every part can work, 503 otherwise. */
  @Get('health/ready')
  @Unlimited()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const { ready, parts } = await this.readiness.report();
    if (!ready) void reply.status(503);
    return { status: ready ? 'up' : 'down', parts };
  }

  @Get('metrics')
  @Unlimited()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async exposition(): Promise<string> {
    return this.metrics.registry.metrics();
  }

  /** Where the `type` of a problem leads. */
  @Get('problems/:code')
  @Header('content-type', 'text/html; charset=utf-8')
  problem(@Param({ schema: problemCode }) { code }: z.output<typeof problemCode>, @Headers('accept-language') accepted?: string): string {
    const language = pickLanguage(accepted);
    return renderPage({ language, title: code, body: ABOUT_PROBLEMS[language] });
  }
}
