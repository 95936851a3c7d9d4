import { spanSink, type SpanSink } from '@cahier/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { currentTraceparent, inSpan, spanRecorder, traceId } from './index.js';
import { recordRequests } from './request-spans.js';
import { recordSpans } from './spans.js';

const caller = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const unsampled = caller.traceparent.replace(/01$/, '00');
const ERROR = 2;

let sink: SpanSink;
let fastify: FastifyInstance;
const received = async (name: string) => {
  await spanRecorder()!.flush();
  return sink.spans.filter((span) => span.name === name);
};

describe('without a place for spans', () => {
  it('none is recorded, and the work is all that is done', async () => {
    await recordSpans('a-service');
    expect(spanRecorder()).toBeUndefined();
    expect(await inSpan('work', undefined, async () => currentTraceparent(), () => { throw new Error('described for nobody'); })).toBeUndefined();
    expect(await inSpan('work', caller.traceparent, async () => currentTraceparent())).toBe(caller.traceparent);
    expect(await inSpan('work', null, async () => currentTraceparent())).toMatch(/^00-/);
  });
});

describe('with one', () => {
  beforeAll(async () => {
    sink = await spanSink();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = sink.endpoint;
    await recordSpans('a-service');
    fastify = Fastify();
    recordRequests(fastify, spanRecorder()!);
    fastify.get('/things/:id', async () => traceId(currentTraceparent()!));
    fastify.get('/broken', async () => { throw new Error('secret'); });
    fastify.get('/health/live', async () => currentTraceparent() ?? 'none');
  });
  afterAll(async () => {
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    await fastify.close();
    await sink.stop();
  });

  it('a request goes on in its caller’s trace, under its route and never its address', async () => {
    const { body } = await fastify.inject({ url: '/things/4711?token=secret', headers: caller });
    expect(body).toBe(traceId(caller.traceparent));
    expect(await received('GET /things/:id')).toMatchObject([{
      service: 'a-service', traceId: body, parentSpanId: '00f067aa0ba902b7', kind: 2, attributes: { 'http.request.method': 'GET', 'http.route': '/things/:id', 'http.response.status_code': 200 },
    }]);
    expect(sink.payloads.join('')).not.toMatch(/4711|secret/);
  });

  it('one that its caller does not record is not recorded here, and still passed on', async () => {
    const { body } = await fastify.inject({ url: '/things/1', headers: { traceparent: unsampled.replace('4bf9', 'beef') } });
    expect(body).toBe(traceId(unsampled).replace('4bf9', 'beef'));
    expect((await received('GET /things/:id')).some((span) => span.traceId === body)).toBe(false);
  });

  it('a failure is one, without the words of the error; a probe is nothing', async () => {
    await fastify.inject('/broken');
    await fastify.inject('/health/live');
    expect(await received('GET /broken')).toMatchObject([{ status: { code: ERROR }, attributes: { 'http.response.status_code': 500 } }]);
    expect(await received('GET /health/live')).toEqual([]);
    expect(sink.payloads.join('')).not.toContain('secret');
  });

  it('work is a span in the trace of what caused it, with what it came to', async () => {
    const inner = inSpan('outer', caller.traceparent, () => inSpan('inner', undefined, async () => 42, undefined, (answer) => ({ answer })), () => ({ kind: 'consumer', links: [unsampled, null, 'nonsense'] }));
    expect(await inner).toBe(42);
    const [outer] = await received('outer');
    expect(outer).toMatchObject({ traceId: traceId(caller.traceparent), parentSpanId: '00f067aa0ba902b7', kind: 5, links: [{ traceId: traceId(unsampled) }] });
    expect(await received('inner')).toMatchObject([{ traceId: outer!.traceId, parentSpanId: outer!.spanId, attributes: { answer: 42 } }]);
  });

  it('work that nothing has caused begins a trace; one that fails says so', async () => {
    await expect(inSpan('failing', null, async () => { throw Object.assign(new Error('not to be told: a@example.org'), { code: 'E_CODE' }); })).rejects.toThrow();
    const [failing] = await received('failing');
    expect(failing!.parentSpanId ?? '').toBe('');
    expect(failing!.status).toMatchObject({ code: ERROR, message: expect.stringContaining('E_CODE') });
    expect(sink.payloads.join('')).not.toContain('example.org');
  });
});
