import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type DynamicModule, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import helmet from 'helmet';
import { refuseBrokenHttp } from './broken-http.js';
import type { CommonConfig } from './config.js';
import { DomainError, RequestMalformed } from './errors.js';
import { FrontDoor } from './front-door.js';
import { JsonLogger } from './logger.js';
import { Metrics } from './metrics.js';
import { type ApiDescription, openApiDocument } from './open-api.js';
import { PAGE_STYLE_HASH } from './page.js';
import { ProblemDetailsFilter } from './problem.filter.js';
import { limitRequests } from './rate-limit/limit-requests.js';
import { RateLimits } from './rate-limit/rate-limits.js';
import { RefusalEpisodes } from './refusal-episodes.js';
import { recordRequests } from './request-spans.js';
import { recordSpans, spanRecorder } from './spans.js';
import { StaffGuard } from './staff.js';
import { decodeUtf8, parseStrictJson } from './strict-json.js';
import { continueTrace, inTrace } from './trace.js';
import { RequestValidationPipe } from './validation.js';

const KIB = 1024;
/** Of a JSON or form body. */
const BODY_LIMIT = 256 * KIB;
/** Of a Markdown document: above the 5 MiB that campaign-service takes, so that its refusal can name the line. */
const DOCUMENT_LIMIT = 6 * KIB * KIB;
const SLOW_MS = 1_000;

declare module 'fastify' {
  interface FastifyRequest {
    /** The body as received, byte for byte. */
    rawBody?: Buffer;
  }
}

class ServiceStopping extends DomainError {
  readonly code = 'service.stopping';
  readonly kind = 'unavailable';
  readonly title = { fr: 'Ce serveur s’arrête', en: 'This server is stopping' };

  constructor() {
    super({ fr: 'Rien n’a été fait. Renvoyez la même demande\u202f: un autre serveur répondra.', en: 'Nothing was done. Send the same request again: another server will answer.' }, { retryAfter: 1 + Math.floor(Math.random() * 3) });
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
    // Fastify's own words are no problem details: `refuseWhileStopping` has ours.
    return503OnClosing: false,
    trustProxy: options.config.TRUSTED_PROXIES.length > 0 && [...options.config.TRUSTED_PROXIES],
    routerOptions: { querystringParser: parseQuery, maxParamLength: 200 },
    clientErrorHandler: refuseBrokenHttp,
    // No hook runs for an address that no router could read.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => { filter.answer(error, request, reply.headers(HEADERS)); },
  } as ConstructorParameters<typeof FastifyAdapter>[0]);
  const fastify = adapter.getInstance<FastifyInstance>();
  await recordSpans(options.service);
  traceRequests(fastify);
  setHeaders(fastify);

  const logger = options.logger ?? new JsonLogger(options.service, options.config.LOG_LEVEL);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { logger, bodyParser: false, abortOnError: false });
  refuseWhileStopping(fastify);
  limitRequests(fastify, app.get(RateLimits));
  takeOnly(fastify);
  app.useGlobalFilters(filter);
  app.useGlobalPipes(new RequestValidationPipe());
  app.useGlobalGuards(app.get(StaffGuard));
  watch(fastify, app.get(Metrics), app.get(FrontDoor));
  SwaggerModule.setup('api', app, () => openApiDocument(app, options), { jsonDocumentUrl: 'openapi.json', customSiteTitle: options.title });
  return app;
}

/** Requests that still come over open connections while the service stops. */
function refuseWhileStopping(fastify: FastifyInstance): void {
  let isStopping = false;
  fastify.addHook('preClose', (done) => {
    isStopping = true;
    done();
  });
  fastify.addHook('onRequest', (_request, _reply, done) => {
    if (isStopping) done(new ServiceStopping());
    else done();
  });
}

function traceRequests(fastify: FastifyInstance): void {
  const recorder = spanRecorder();
  if (recorder) return recordRequests(fastify, recorder);
  fastify.addHook('onRequest', (request, _reply, done) => {
    const received = request.headers.traceparent;
    inTrace(continueTrace(typeof received === 'string' ? received : undefined), done);
  });
}

/** Content types that are read, each in one way; everything else is 415. */
function takeOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRequest', (request, _reply, done) => {
    // No text of ours holds U+0000, and PostgreSQL refuses it.
    if (request.url.includes('%00')) done(nulIn('/query'));
    else if (request.headers['content-encoding'] !== undefined) done(Object.assign(new Error('Content codings are not accepted'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 }));
    else done();
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
    if (text.includes('%00') || text.includes('\0')) done(nulIn(''));
    else done(null, parseQuery(text));
  });
  fastify.addContentTypeParser('text/markdown', { parseAs: 'buffer', bodyLimit: DOCUMENT_LIMIT }, (request, bytes: Buffer, done) => {
    try {
      refuseOtherCharsets(request);
      done(null, decodeUtf8(bytes));
    } catch (error) {
      done(error as Error);
    }
  });
}

function refuseOtherCharsets(request: FastifyRequest): void {
  const [, charset] = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(request.headers['content-type'] ?? '') ?? [];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8') throw new RequestMalformed([{ pointer: '/header/content-type', detail: { fr: 'Seul l’UTF-8 est lu', en: 'Only UTF-8 is read' } }]);
}

const nulIn = (pointer: string): RequestMalformed => new RequestMalformed([{ pointer, detail: { fr: 'Le caractère U+0000 n’est pas accepté', en: 'The character U+0000 is not accepted' } }]);

/** Names and values of a query or a form. A name that stands twice has an array, which no schema of ours takes. */
function parseQuery(text: string): Record<string, unknown> {
  if (text === '') return {};
  const parameters = new URLSearchParams(text);
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => {
    const values = parameters.getAll(name);
    return [name, values.length === 1 ? values[0] : values];
  }));
}

const policy = (directives: Readonly<Record<string, string>>): string => Object.entries(directives).map(([name, value]) => `${name} ${value}`).join('; ');
const CLOSED = { 'default-src': "'none'", 'form-action': "'self'", 'frame-ancestors': "'none'", 'base-uri': "'none'" };
/** For our pages: one style sheet and forms, no script. */
const PAGE_POLICY = policy({ ...CLOSED, 'style-src': PAGE_STYLE_HASH });
/** The API page brings its own scripts from this host and styles what it draws; it shows nothing that somebody else wrote. */
const API_PAGE_POLICY = policy({ ...CLOSED, 'script-src': "'self'", 'style-src': "'self' 'unsafe-inline'", 'img-src': "'self' data:", 'connect-src': "'self'" });

/** What every reply says unless the route says it better. helmet's part is the same for each: asked once, not for every reply. */
const HEADERS = { ...helmetHeaders(), 'cache-control': 'no-store', 'content-security-policy': PAGE_POLICY };
const API_PAGE_HEADERS = { ...HEADERS, 'content-security-policy': API_PAGE_POLICY };

function helmetHeaders(): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  helmet({ contentSecurityPolicy: false, referrerPolicy: { policy: 'no-referrer' } })(request, response, (error) => { if (error !== undefined) throw error as Error; });
  return response.getHeaders() as Record<string, string>;
}

function setHeaders(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(isApiPage(request.url) ? API_PAGE_HEADERS : HEADERS);
    done();
  });
}

const isApiPage = (url: string): boolean => url === '/api' || url.startsWith('/api/');

/** Every reply is counted; only what somebody may ask about is a line in the log: never the query, which may hold a token. */
function watch(fastify: FastifyInstance, metrics: Metrics, frontDoor: FrontDoor): void {
  const logger = new Logger('Http');
  const refusals = new RefusalEpisodes(logger);
  const duration = metrics.histogram('http_request_duration_seconds', 'From the last header received to the reply sent.', ['method', 'route', 'status']);
  const observe = (method: string, route: string, status: number, ms: number): void => { duration.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, ms / 1_000); };
  frontDoor.standBefore(fastify.server, HEADERS, ({ method, path }, status) => {
    observe(method, `/${path}`, status, 0);
    refusals.note(`/${path}`, performance.now());
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions: { url: route = 'none' } } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    observe(method, route, status, ms);
    if (ms >= SLOW_MS) logger.warn({ msg: 'A slow request', method, route, status, ms: Math.round(ms) });
    else if (status === 503) {
      // Readiness tells by itself what is down.
      if (!route.startsWith('/health/')) refusals.note(route, performance.now());
    }
    // The filter has told of 500, with its cause.
    else if (status >= 400 && status !== 500) logger.log({ msg: 'A refused request', method, route, status });
    done();
  });
}
