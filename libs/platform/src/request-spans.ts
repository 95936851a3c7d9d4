import type { Span } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SpanRecorder } from './span-recorder.js';

/** A span for each request but those of probes and scrapes: method, route and status, never the address, which may hold a token. */
export function recordRequests(fastify: FastifyInstance, recorder: SpanRecorder): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { method, headers: { traceparent }, routeOptions: { url: route } } = request;
    if (route === '/metrics' || route?.startsWith('/health/')) return done();
    const span = recorder.start(`${method} ${route ?? 'none'}`, typeof traceparent === 'string' ? traceparent : undefined, {
      kind: 'server', attributes: { 'http.request.method': method, ...(route !== undefined && { 'http.route': route }) },
    });
    spans.set(request, span);
    recorder.within(span, done);
  });
  fastify.addHook('onResponse', (request, { statusCode }, done) => {
    const span = spans.get(request);
    if (span) {
      span.setAttribute('http.response.status_code', statusCode);
      if (statusCode >= 500) recorder.fail(span);
      span.end();
    }
    done();
  });
  fastify.addHook('onClose', () => recorder.flush());
}
