import { ConfigInvalid } from './config.js';

/** How spans are recorded; where they go, the exporter reads itself. */
export interface SpanSettings {
  /** Share of the traces that begin here, 0 to 1; one that began elsewhere is recorded when its beginning was. */
  readonly ratio: number;
  /** OTEL_SERVICE_NAME. */
  readonly serviceName?: string | undefined;
}

/**
 * OpenTelemetry's standard variables, as far as they are understood here; undefined where they ask for nothing.
 * They stand in no configuration schema: the exporter reads its own, OTEL_EXPORTER_OTLP_HEADERS and so on, from the same place.
 * @throws ConfigInvalid naming the variables.
 */
export function spanSettings(environment: Readonly<Record<string, string | undefined>> = process.env): SpanSettings | undefined {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter = '', OTEL_TRACES_SAMPLER: sampler = '', OTEL_TRACES_SAMPLER_ARG: share = '1', OTEL_SERVICE_NAME: serviceName } = environment;
  const endpoint = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_ENDPOINT'] || '';
  if (disabled?.toLowerCase() === 'true' || exporter === 'none' || (exporter === '' && endpoint === '')) return undefined;

  const protocol = environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || environment['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/json';
  const ratio = sampler === 'parentbased_traceidratio' ? Number(share) : 1;
  const problems = [
    ...(['', 'otlp'].includes(exporter) ? [] : ['OTEL_TRACES_EXPORTER: only otlp and none are supported']),
    ...(protocol === 'http/json' ? [] : ['OTEL_EXPORTER_OTLP_PROTOCOL: only http/json is supported']),
    ...(['', 'parentbased_always_on', 'parentbased_traceidratio'].includes(sampler) ? [] : ['OTEL_TRACES_SAMPLER: only parentbased_always_on and parentbased_traceidratio are supported']),
    ...(ratio >= 0 && ratio <= 1 ? [] : ['OTEL_TRACES_SAMPLER_ARG: a share, from 0 to 1']),
  ];
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return { ratio, serviceName: serviceName || undefined };
}
