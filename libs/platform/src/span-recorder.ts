import { type Attributes, type Context, diag, DiagLogLevel, type Link, ROOT_CONTEXT, type Span, type SpanContext, SpanKind, SpanStatusCode, trace, type Tracer, type DiagLogger } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeFailure } from './failures.js';
import type { SpanSettings } from './span-settings.js';
import { inTrace, isTraceparent } from './trace.js';

/** Of a chunk of events, the largest thing that serves many traces. */
const MAX_LINKS = 512;
const FLUSH_WITHIN_MS = 1_000;
const COMPLAIN_EVERY_MS = 60_000;

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER } as const;

/** What a span says beside its name. Attributes have few values or are ids and counts; never personal data, never a payload. */
export interface SpanDescription {
  /** OpenTelemetry's; `internal` where nothing crosses the border of the process. */
  readonly kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes?: Attributes;
  /** Traceparents of other traces that this work serves. */
  readonly links?: readonly (string | null | undefined)[];
}

/** Spans over OTLP. The context of the work in hand is the traceparent of `trace.ts`, on or off: OpenTelemetry's own is not used. */
export class SpanRecorder {
  private constructor(private readonly tracer: Tracer, private readonly provider: Pick<TracerProvider, 'forceFlush'>) {}

  static over(service: string, { ratio, serviceName = service }: SpanSettings): SpanRecorder {
    diag.setLogger(complaints(), DiagLogLevel.WARN);
    const provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.namespace': 'cahier' }).merge(detectResources({ detectors: [envDetector] })).merge(resourceFromAttributes({ 'service.name': serviceName })),
      sampler: new ParentBasedSampler({ root: ratio === 1 ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio) }),
      spanLimits: { linkCountLimit: MAX_LINKS },
      // A collector that is slow or away costs spans, never memory: the processor's queue is bounded.
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    });
    return new SpanRecorder(provider.getTracer('cahier'), provider);
  }

  /** @param parent traceparent; a new trace begins where it is missing or not well formed. */
  start(name: string, parent: string | null | undefined, { kind = 'internal', attributes = {}, links = [] }: SpanDescription = {}): Span {
    return this.tracer.startSpan(name, { kind: KINDS[kind], attributes, links: links.flatMap(linkTo) }, contextOf(parent));
  }

  /** Runs `work` inside the span, which ends with it. */
  async around<T>(span: Span, work: () => Promise<T>, concluding?: (result: T) => Attributes): Promise<T> {
    try {
      const result = await this.within(span, work);
      if (concluding) span.setAttributes(concluding(result));
      return result;
    } catch (error) {
      this.fail(span, describeFailure(error));
      throw error;
    } finally {
      span.end();
    }
  }

  within<T>(span: Span, work: () => T): T {
    return inTrace(this.traceparentOf(span), work);
  }

  /** @param cause without personal data. */
  fail(span: Span, cause?: string): void {
    span.setStatus({ code: SpanStatusCode.ERROR, ...(cause !== undefined && { message: cause }) });
  }

  traceparentOf(span: Span): string {
    const { traceId, spanId, traceFlags } = span.spanContext();
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  /** What was recorded and not yet sent is sent, for a second at most. */
  async flush(): Promise<void> {
    await Promise.race([this.provider.forceFlush().catch(() => undefined /* the processor has complained */), sleep(FLUSH_WITHIN_MS, undefined, { ref: false })]);
  }
}

function spanContextOf(traceparent: string): SpanContext {
  return { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52), traceFlags: Number.parseInt(traceparent.slice(53), 16), isRemote: true };
}

const contextOf = (parent: string | null | undefined): Context => (isTraceparent(parent) ? trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent)) : ROOT_CONTEXT);

const linkTo = (traceparent: string | null | undefined): Link[] => (isTraceparent(traceparent) ? [{ context: spanContextOf(traceparent) }] : []);

/** One line for what goes on going wrong: spans are lost, and nothing else. */
function complaints(): DiagLogger {
  const logger = new Logger('Spans');
  let last = -Infinity;
  const complain = (message: string): void => {
    if (performance.now() < last + COMPLAIN_EVERY_MS) return;
    last = performance.now();
    logger.warn(`Spans are lost: ${message.slice(0, 200)}`);
  };
  const ignore = (): void => undefined;
  return { error: complain, warn: complain, info: ignore, debug: ignore, verbose: ignore };
}
