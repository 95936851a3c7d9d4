import type { Language } from '@cahier/contracts';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { throwError } from 'rxjs';
import { DomainError, RequestMalformed, STATUS } from './errors.js';
import { isTransient, isUnavailable } from './failures.js';
import { inLanguage, pickLanguage } from './language.js';
import { html, renderPage } from './page.js';
import { currentTraceparent, traceId } from './trace.js';

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly traceId?: string;
  /** In seconds. */
  readonly retryAfter?: number;
  readonly [member: string]: unknown;
}

/** What a service says while something it needs is away. It cannot say what became of the request: a commit may have been on its way. */
class DependencyAway extends DomainError {
  readonly code = 'service.unavailable';
  readonly kind = 'unavailable';
  readonly title = { fr: 'Service momentanément indisponible', en: 'Service unavailable for the moment' };
}

const RETRY_AFTER_SECONDS = 5;

/** RFC 6750 §3. */
const CHALLENGE: Readonly<Record<number, string>> = { 401: 'Bearer', 403: 'Bearer error="insufficient_scope"' };

/** Titles of what Nest and Fastify refuse by themselves. */
const REQUEST_PROBLEMS: Readonly<Record<number, { name: string; title: { fr: string; en: string } }>> = {
  400: { name: 'malformed', title: { fr: 'Requête mal formée', en: 'Malformed request' } },
  401: { name: 'unauthenticated', title: { fr: 'Authentification nécessaire', en: 'Authentication required' } },
  403: { name: 'forbidden', title: { fr: 'Accès refusé', en: 'Access refused' } },
  404: { name: 'not-found', title: { fr: 'Introuvable', en: 'Not found' } },
  405: { name: 'method-not-allowed', title: { fr: 'Méthode non permise', en: 'Method not allowed' } },
  408: { name: 'timeout', title: { fr: 'Délai dépassé', en: 'Request timed out' } },
  413: { name: 'too-large', title: { fr: 'Requête trop volumineuse', en: 'Request too large' } },
  414: { name: 'uri-too-long', title: { fr: 'Adresse trop longue', en: 'URI too long' } },
  415: { name: 'unsupported-media-type', title: { fr: 'Type de contenu non pris en charge', en: 'Unsupported media type' } },
  431: { name: 'header-too-large', title: { fr: 'En-têtes trop volumineux', en: 'Headers too large' } },
};

/** What every service says in the same way, with or without Fastify. */
export const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** Of the answer, beside its content type. */
export function problemHeaders({ status, retryAfter = RETRY_AFTER_SECONDS }: Problem, language: Language): Record<string, string> {
  return {
    ...(status in CHALLENGE && { 'www-authenticate': CHALLENGE[status] }),
    ...((status === 503 || status === 429) && { 'retry-after': String(retryAfter) }),
    'content-language': language,
    'cache-control': 'no-store',
  };
}

/** @returns undefined for what nobody foresaw: a bug of ours. */
export function asProblem(error: DomainError, language: Language): Problem;
export function asProblem(error: unknown, language: Language): Problem | undefined;
export function asProblem(error: unknown, language: Language): Problem | undefined {
  if (isUnavailable(error) || isTransient(error)) {
    return asProblem(new DependencyAway({ fr: 'Renvoyez la même demande dans quelques instants.', en: 'Send the same request again in a moment.' }), language);
  }
  if (error instanceof DomainError) {
    return { ...error.members, type: `/problems/${error.code}`, title: error.title[language], status: STATUS[error.kind], detail: inLanguage(error.detail, language), ...faults(error, language) };
  }
  const status = error instanceof HttpException ? error.getStatus() : fastifyStatus(error);
  const known = status === undefined ? undefined : REQUEST_PROBLEMS[status];
  return known && status !== undefined ? { type: `/problems/request.${known.name}`, title: known.title[language], status } : undefined;
}

const faults = (error: DomainError, language: Language): object =>
  error instanceof RequestMalformed ? { errors: error.errors.map(({ pointer, detail }) => ({ pointer, detail: inLanguage(detail, language) })) } : {};

/** Fastify's own refusals carry a code and a status below 500. */
function fastifyStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return undefined;
  const { statusCode, code } = error;
  return typeof code === 'string' && code.startsWith('FST_ERR') && typeof statusCode === 'number' && statusCode < 500 ? statusCode : undefined;
}

/** A browser that follows a link or sends a form: a person will read the answer. */
const isForReading = (request: FastifyRequest): boolean => /\btext\/html\b/.test(request.headers.accept ?? '');

const asPage = ({ title, detail, errors }: Problem, language: Language): string =>
  renderPage({
    language,
    title,
    body: html`${detail === undefined ? '' : html`<p>${detail}</p>`}${Array.isArray(errors) ? html`<ul>${(errors as { detail: string }[]).map((fault) => html`<li>${fault.detail}</li>`)}</ul>` : ''}`,
  });

/** Every error of every service, once: RFC 9457 in the language of the request. */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemDetailsFilter.name);

  catch(error: unknown, host: ArgumentsHost): unknown {
    // An event's error belongs to the transport, which retries or keeps it.
    if (host.getType() !== 'http') return throwError(() => error);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    this.answer(error, request, reply);
    return undefined;
  }

  /** Also called by Fastify itself, for what never reaches Nest. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const language = pickLanguage(request.headers['accept-language']);
    const trace = currentTraceparent();
    const problem = asProblem(error, language) ?? this.unforeseen(error, language);
    if (reply.sent || reply.raw.headersSent) {
      // The status is out already: a cut connection says that the body is not whole.
      reply.raw.destroy();
      return;
    }
    void reply.status(problem.status).headers(problemHeaders(problem, language));
    if (isForReading(request)) void reply.header('content-type', 'text/html; charset=utf-8').send(asPage(problem, language));
    else void reply.header('content-type', PROBLEM_JSON).send(JSON.stringify({ ...problem, ...(trace === undefined ? {} : { traceId: traceId(trace) }) }));
  }

  private unforeseen(error: unknown, language: Language): Problem {
    this.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { type: '/problems/internal', title: { fr: 'Erreur interne', en: 'Internal error' }[language], status: 500 };
  }
}

