import type { Logger } from 'pino';
import type { Metrics } from './create-metrics.ts';
import { noTracing, type Tracing } from './tracing.ts';
import type { TracingSettings } from './tracing-settings.ts';

export interface TracingOptions extends Partial<Omit<TracingSettings, 'endpoint'>> {
  /** Shown as `vagent-<service>`. */
  readonly service: string;
  /** Undefined: nothing is recorded, and no library is loaded. */
  readonly endpoint: string | undefined;
  readonly log: Logger;
  /** Counts what was exported and what was lost. */
  readonly metrics?: Metrics;
}

/**
 * Tracing of this process: to an OTLP collector where there is one, else none. A collector that is away, slow or full
 * costs spans, never work: the queue is bounded, and disposing of it waits a few seconds at most.
 */
export async function openTracing(options: TracingOptions): Promise<Tracing> {
  const { endpoint } = options;
  if (endpoint === undefined) return noTracing;
  // Loaded only here: 60 ms and some megabytes that nobody spends who does not trace.
  const { createOtelTracing } = await import('./create-otel-tracing.ts');
  options.log.info({ endpoint: new URL(endpoint).host }, 'Traces are exported');
  return createOtelTracing({ ...options, endpoint });
}
