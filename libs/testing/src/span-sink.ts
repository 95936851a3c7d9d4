import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Absent or empty for the first of a trace. */
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status: { readonly code?: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

export interface SpanSink {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  /** In order of arrival. */
  readonly spans: ReceivedSpan[];
  /** Everything received, as sent. */
  readonly payloads: string[];
  stop(): Promise<void>;
}

type KeyValue = { readonly key: string; readonly value: Readonly<Record<string, unknown>> };
interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly (Omit<ReceivedSpan, 'service' | 'attributes' | 'links'> & { readonly attributes: readonly KeyValue[]; readonly links?: ReceivedSpan['links'] })[] }[];
  }[];
}

const record = (attributes: readonly KeyValue[]): Record<string, unknown> => Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** A trace store on loopback: takes OTLP/HTTP in JSON and keeps the spans. */
export async function spanSink(): Promise<SpanSink> {
  const spans: ReceivedSpan[] = [];
  const payloads: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((payload) => {
      payloads.push(payload);
      for (const { resource, scopeSpans } of (JSON.parse(payload) as Export).resourceSpans) {
        const service = String(record(resource.attributes)['service.name']);
        for (const span of scopeSpans.flatMap((scope) => scope.spans)) spans.push({ ...span, service, attributes: record(span.attributes), links: span.links ?? [] });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans, payloads,
    stop: () => new Promise((resolve) => {
      server.close(() => { resolve(); });
      server.closeAllConnections();
    }),
  };
}
