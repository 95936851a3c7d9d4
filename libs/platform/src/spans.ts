import type { Attributes } from '@opentelemetry/api';
import type { SpanDescription, SpanRecorder } from './span-recorder.js';
import { spanSettings } from './span-settings.js';
import { continueTrace, currentTraceparent, inTrace } from './trace.js';

/** Undefined unless the environment asks for spans: then nothing here is worth more than this look. */
let recorder: SpanRecorder | undefined;

/**
 * Begins to record spans where the standard environment variables of OpenTelemetry ask for it: OTEL_EXPORTER_OTLP_ENDPOINT,
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_TRACES_EXPORTER=otlp. Only then is the SDK loaded. Once for a process.
 * @throws ConfigInvalid for a setting that is not supported.
 */
export async function recordSpans(service: string): Promise<void> {
  const settings = spanSettings();
  if (settings === undefined || recorder !== undefined) return;
  const { SpanRecorder: Recorder } = await import('./span-recorder.js');
  recorder = Recorder.over(service, settings);
}

/** For what is measured by events rather than around a piece of work. */
export const spanRecorder = (): SpanRecorder | undefined => recorder;

/**
 * Runs `work` in the trace of `parent`, as a span of its own where spans are recorded.
 * @param parent traceparent; undefined for the work in hand; null, or what is not well formed, for a new trace: nothing known has caused the work.
 * @param describe called only where spans are recorded, before the work.
 * @param concluding called only there, with what the work came to.
 */
export function inSpan<T>(name: string, parent: string | null | undefined, work: () => Promise<T>, describe?: () => SpanDescription, concluding?: (result: T) => Attributes): Promise<T> {
  if (recorder !== undefined) return recorder.around(recorder.start(name, parent === undefined ? currentTraceparent() : parent, describe?.()), work, concluding);
  return parent === undefined ? work() : inTrace(continueTrace(parent), work);
}
