import { once } from 'node:events';
import { createServer } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { z } from 'zod';

const value = z.looseObject({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.number().optional(),
});
const attributes = z.array(z.object({ key: z.string(), value })).default([]);
const otlpSpan = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes,
  status: z.looseObject({ code: z.number().optional() }).optional(),
});
/** `ExportTraceServiceRequest` as JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
const exportRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(otlpSpan) })),
    }),
  ),
});

export interface CollectedSpan {
  /** `service.name` without `vagent-`. */
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for the first span of a trace. */
  readonly parent: string | undefined;
  readonly kind: number;
  readonly hasFailed: boolean;
  readonly ms: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface TraceCollector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** Every request as it came. */
  readonly raw: readonly string[];
  readonly headers: readonly Readonly<Record<string, string | string[] | undefined>>[];
  /** From now on answers nothing, but keeps the connections: a collector that hangs. */
  hang(): void;
}

const failed = 2;

/** A collector of OTLP over HTTP on loopback, which keeps what it is sent. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const raw: string[] = [];
  const headers: TraceCollector['headers'][number][] = [];
  let hangs = false;
  const server = createServer((request, response) => {
    void readText(request).then((text) => {
      if (hangs) return;
      if (request.url !== '/v1/traces') return void response.writeHead(404).end();
      raw.push(text);
      headers.push(request.headers);
      spans.push(...read(text));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    raw,
    headers,
    hang: () => {
      hangs = true;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function read(text: string): CollectedSpan[] {
  const { resourceSpans } = exportRequest.parse(JSON.parse(text));
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(plain(resource.attributes)['service.name']).replace(/^vagent-/, '');
    return scopeSpans
      .flatMap((scope) => scope.spans)
      .map((span) => ({
        service,
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parent: span.parentSpanId === '' ? undefined : span.parentSpanId,
        kind: span.kind,
        hasFailed: span.status?.code === failed,
        ms: Number((BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1_000n) / 1_000,
        attributes: plain(span.attributes),
      }));
  });
}

function plain(list: z.output<typeof attributes>): Record<string, string | number | boolean> {
  return Object.fromEntries(
    list.map(({ key, value: { stringValue, boolValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? boolValue ?? (intValue === undefined ? (doubleValue ?? '') : Number(intValue)),
    ]),
  );
}
