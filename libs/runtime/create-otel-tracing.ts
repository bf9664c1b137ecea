import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Context,
  type Span as OtelSpan,
  SpanKind as OtelSpanKind,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { countedExporter } from './counted-exporter.ts';
import type { TracingOptions } from './open-tracing.ts';
import { parseTrace } from './trace.ts';
import type { Span, SpanKind, Tracing } from './tracing.ts';

/** About 2 MB of spans at most; what comes on top while the collector is away is dropped. */
const queue = { maxQueueSize: 4_096, maxExportBatchSize: 512, scheduledDelayMillis: 1_000 };
const exportTimeoutMs = 10_000;
/** Of the grace that orchestrators give a process to stop. */
const flushMs = 4_000;
const limits = { attributeCountLimit: 32, attributeValueLengthLimit: 200 };

const kinds: Record<SpanKind, OtelSpanKind> = {
  internal: OtelSpanKind.INTERNAL,
  consumer: OtelSpanKind.CONSUMER,
  producer: OtelSpanKind.PRODUCER,
  client: OtelSpanKind.CLIENT,
  server: OtelSpanKind.SERVER,
};

/** Spans by the OpenTelemetry SDK, without its global state. A span without a parent goes under the one it runs in. */
export function createOtelTracing(options: TracingOptions & { readonly endpoint: string }): Tracing {
  const provider = createProvider(options);
  const tracer = provider.getTracer('vagent');
  const around = new AsyncLocalStorage<Context>();
  const contextOf = (parent: string | undefined): Context =>
    parent === undefined ? (around.getStore() ?? ROOT_CONTEXT) : remoteContext(parent);
  const begin = (
    name: string,
    { parent, kind = 'internal', attributes }: Parameters<Tracing['span']>[1],
    startTime?: number,
  ): OtelSpan =>
    tracer.startSpan(
      name,
      {
        kind: kinds[kind],
        ...(attributes === undefined ? {} : { attributes }),
        ...(startTime === undefined ? {} : { startTime: new Date(startTime) }),
      },
      contextOf(parent),
    );
  return {
    isOn: true,
    span: async (name, about, work) => {
      const span = begin(name, about);
      const context = trace.setSpan(ROOT_CONTEXT, span);
      try {
        return await around.run(context, () => work(toSpan(span)));
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
    record: (name, { failed = false, startMs, endMs, ...about }) => {
      const span = begin(name, about, startMs);
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(new Date(endMs));
    },
    [Symbol.asyncDispose]: async () => {
      const flushed = provider.shutdown().catch((error: unknown) => {
        options.log.warn({ err: error }, 'Some spans could not be exported');
      });
      await Promise.race([flushed, sleep(flushMs, undefined, { ref: false })]);
    },
  };
}

function createProvider(options: TracingOptions & { readonly endpoint: string }): TracerProvider {
  const { service, endpoint, headers, share = 1 } = options;
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: exportTimeoutMs,
    concurrencyLimit: 4,
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  });
  const processor = new BatchSpanProcessor({
    ...queue,
    exporter: countedExporter(exporter, options),
    exportTimeoutMillis: exportTimeoutMs,
  });
  return new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `vagent-${service}`, 'service.namespace': 'vagent' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanLimits: limits,
    spanProcessors: [processor],
  });
}

/** A parent in another process, or one that is over: known by its traceparent alone. */
function remoteContext(parent: string): Context {
  const known = parseTrace(parent);
  if (known === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, isSampled } = known;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: isSampled ? 1 : 0,
    isRemote: true,
  });
}

function toSpan(span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-0${traceFlags & 1}`,
    set: (attributes) => void span.setAttributes(attributes),
  };
}

/** By its name only: the message may hold what somebody wrote. */
function fail(span: OtelSpan, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
}
