import helmet from '@fastify/helmet';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CommonConfig } from './config.js';
import { RequestMalformed } from './errors.js';
import { JsonLogger } from './logger.js';
import { Metrics } from './metrics.js';
import { type ApiDescription, openApiDocument } from './open-api.js';
import { PAGE_STYLE_HASH } from './page.js';
import { ProblemDetailsFilter } from './problem.filter.js';
import { StaffGuard } from './staff.js';
import { parseStrictJson } from './strict-json.js';
import { continueTrace, inTrace } from './trace.js';
import { RequestValidationPipe } from './validation.js';

const KIB = 1024;
/** Of a JSON or form body. */
const BODY_LIMIT = 256 * KIB;
/** Of a Markdown document. */
const DOCUMENT_LIMIT = 5 * KIB * KIB;

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as received, byte for byte. */
    rawBody?: Buffer;
  }
}

export interface AppOptions extends ApiDescription {
  readonly service: string;
  readonly config: CommonConfig;
  /** Fewer lines in tests. */
  readonly logger?: JsonLogger | false;
}

/** One service's HTTP application: limits, strict parsing, sign-in, problems, headers and API page, the same for all. Not yet listening. */
export async function createApp(module: DynamicModule, options: AppOptions): Promise<NestFastifyApplication> {
  const filter = new ProblemDetailsFilter();
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 65_000,
    maxParamLength: 200,
    routerOptions: { querystringParser: parseQuery },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => { filter.answer(error, request, reply); },
  } as ConstructorParameters<typeof FastifyAdapter>[0]);
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  traceRequests(fastify);
  takeOnly(fastify);

  const logger = options.logger ?? new JsonLogger(options.service, options.config.LOG_LEVEL);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger, bodyParser: false, abortOnError: false });
  await app.register(helmet as never, headers() as never);
  app.useGlobalFilters(filter);
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalGuards(app.get(StaffGuard));
  measure(fastify, app.get(Metrics));
  SwaggerModule.setup('api', app, () => openApiDocument(app, options), { jsonDocumentUrl: 'openapi.json', customSiteTitle: options.title });
  return app;
}

function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const received = request.headers.traceparent;
    inTrace(continueTrace(typeof received === 'string' ? received : undefined), done);
  });
}

/** Content types that are read, each in one way; everything else is 415. */
function takeOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', async (request) => {
    if (request.headers['content-encoding'] !== undefined) throw Object.assign(new Error('Content codings are not accepted'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 });
  });
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (request, bytes: Buffer, done) => {
    try {
      refuseOtherCharsets(request);
      request.rawBody = bytes;
      done(null, parseStrictJson(bytes));
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 16 * KIB }, (_request, text: string, done) => {
    done(null, parseQuery(text));
  });
  fastify.addContentTypeParser('text/markdown', { parseAs: 'buffer', bodyLimit: DOCUMENT_LIMIT }, (request, bytes: Buffer, done) => {
    try {
      refuseOtherCharsets(request);
      done(null, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch (error) {
      done(error instanceof TypeError ? new RequestMalformed([{ pointer: '', detail: 'Not UTF-8' }]) : (error as Error));
    }
  });
}

function refuseOtherCharsets(request: FastifyRequest): void {
  const [, charset] = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(request.headers['content-type'] ?? '') ?? [];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') throw new RequestMalformed([{ pointer: '/header/content-type', detail: 'Only UTF-8 is read' }]);
}

/** Names and values of a query or a form. A name that stands twice has an array, which no schema of ours takes. */
function parseQuery(text: string): Record<string, unknown> {
  const parameters = new URLSearchParams(text);
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => {
    const values = parameters.getAll(name);
    return [name, values.length === 1 ? values[0] : values];
  }));
}

/** Strict for our pages, which need one style sheet and forms; the API page brings its own script and style from this host. */
function headers(): object {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], styleSrc: ["'self'", PAGE_STYLE_HASH, "'unsafe-hashes'"], scriptSrc: ["'self'"], imgSrc: ["'self'", 'data:'], connectSrc: ["'self'"], formAction: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
    },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  };
}

function measure(fastify: FastifyInstance, metrics: Metrics): void {
  const duration = metrics.histogram('http_request_duration_seconds', 'From the last header received to the reply sent', ['method', 'status']);
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    done(null, payload);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    duration.observe({ method: request.method, status: `${Math.floor(reply.statusCode / 100)}xx` }, reply.elapsedTime / 1_000);
    done();
  });
}
