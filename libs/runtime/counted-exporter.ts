import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { TracingOptions } from './open-tracing.ts';

/** As `ExportResultCode` of the SDK: 0 for success. */
const exported = 0;
const quietMs = 60_000;

/** The exporter with its results counted; failures are logged once a minute, so that an absent collector fills no log. */
export function countedExporter(
  exporter: SpanExporter,
  { metrics, log }: Pick<TracingOptions, 'metrics' | 'log'>,
): SpanExporter {
  const counter = metrics?.counter('trace_spans_total', {
    help: 'Spans handed to the collector, by what became of them',
    labels: ['outcome'],
  });
  let toldAt = Number.NEGATIVE_INFINITY;
  let lost = 0;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const isExported = result.code === exported;
        counter?.inc({ outcome: isExported ? 'exported' : 'lost' }, spans.length);
        if (!isExported) {
          lost += spans.length;
          if (performance.now() - toldAt > quietMs) {
            log.warn({ err: result.error, lost }, 'The collector of traces takes no spans: they are lost');
            toldAt = performance.now();
            lost = 0;
          }
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush === undefined
      ? {}
      : { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}
