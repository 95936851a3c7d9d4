import { describe, expect, it } from '@jest/globals';
import { ConfigInvalid } from './config.js';
import { spanSettings } from './span-settings.js';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('spans are recorded', () => {
  it.each([[{}], [{ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }], [{ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }], [{ OTEL_SERVICE_NAME: 'x' }]])('not with %j', (environment) => {
    expect(spanSettings(environment)).toBeUndefined();
  });

  it.each([
    [endpoint, { ratio: 1 }],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector/v1/traces' }, { ratio: 1 }],
    [{ OTEL_TRACES_EXPORTER: 'otlp', OTEL_SERVICE_NAME: 'intake' }, { ratio: 1, serviceName: 'intake' }],
    [{ ...endpoint, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' }, { ratio: 0.01 }],
  ])('with %j', (environment, settings) => {
    expect(spanSettings(environment)).toMatchObject(settings);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'], ['OTEL_TRACES_EXPORTER', 'zipkin'], ['OTEL_TRACES_SAMPLER', 'jaeger_remote'], ['OTEL_TRACES_SAMPLER_ARG', '2'], ['OTEL_TRACES_SAMPLER_ARG', 'some'],
  ])('or the service refuses to start: %s=%s', (name, value) => {
    const environment = { ...endpoint, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', [name]: value };
    expect(() => spanSettings(environment)).toThrow(ConfigInvalid);
    expect(() => spanSettings(environment)).toThrow(name);
  });
});
