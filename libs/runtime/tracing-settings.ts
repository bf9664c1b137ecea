import { z } from 'zod';
import { setting } from './setting.ts';

const isShare = (text: string): boolean => /^(0(\.\d+)?|1(\.0+)?)$/.test(text);
const areHeaders = (text: string): boolean => text.split(',').every((pair) => /^\s*[\w-]+\s*=.+$/.test(pair));

/**
 * `OTEL_EXPORTER_OTLP_ENDPOINT` switches tracing on: the base URL of a collector that takes OTLP over HTTP, to which
 * `/v1/traces` is added. `OTEL_EXPORTER_OTLP_HEADERS` may hold its key (`name=value`, comma separated);
 * `OTEL_TRACES_SAMPLER_ARG` is the share of new traces that is recorded, default all. Names and forms as in
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const tracingSettings = z
  .object({
    OTEL_EXPORTER_OTLP_ENDPOINT: setting.url().optional(),
    OTEL_EXPORTER_OTLP_HEADERS: setting
      .secret('headers as name=value, separated by commas', areHeaders)
      .optional(),
    OTEL_TRACES_SAMPLER_ARG: setting.text('a share from 0 to 1, e.g. 0.1', isShare).default('1'),
  })
  .transform((values) => ({
    endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: headersOf(values.OTEL_EXPORTER_OTLP_HEADERS),
    share: Number(values.OTEL_TRACES_SAMPLER_ARG),
  }));
export type TracingSettings = z.output<typeof tracingSettings>;

/** Values are percent-encoded, as the specification has it. */
function headersOf(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      return [name.trim(), decoded(rest.join('=').trim())];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
