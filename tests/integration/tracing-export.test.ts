import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMetrics } from '#runtime/create-metrics';
import { openTracing } from '#runtime/open-tracing';
import { readConfig } from '#runtime/read-config';
import { parseTrace } from '#runtime/trace';
import { tracingSettings } from '#runtime/tracing-settings';
import { eventually } from '../support/eventually.ts';
import { startTraceCollector } from '../support/trace-collector.ts';

const log = pino({ level: 'silent' });
const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

describe('openTracing', () => {
  it('exports spans with their parents, in order of nesting, and flushes what is left when it is closed', async () => {
    await using collector = await startTraceCollector();
    const metrics = createMetrics({ service: 'test' });
    const tracing = await openTracing({ service: 'worker', endpoint: collector.url, log, metrics });
    const inner = await tracing.span('turn', { parent, kind: 'consumer' }, async (span) => {
      span.set({ outcome: 'replied' });
      await tracing.span('commit', {}, async () => undefined);
      tracing.record('model', { parent: span.traceparent, startMs: 1_000, endMs: 3_500, failed: true });
      return span.traceparent;
    });
    await tracing[Symbol.asyncDispose]();
    const byName = new Map(collector.spans.map((span) => [span.name, span]));
    const turn = byName.get('turn');
    expect(turn).toMatchObject({
      service: 'worker',
      traceId: 'a'.repeat(32),
      parent: 'b'.repeat(16),
      kind: 5,
      hasFailed: false,
      attributes: { outcome: 'replied' },
    });
    expect(parseTrace(inner)).toEqual({ traceId: turn?.traceId, spanId: turn?.spanId, isSampled: true });
    expect(byName.get('commit')?.parent).toBe(turn?.spanId);
    expect(byName.get('model')).toMatchObject({ parent: turn?.spanId, ms: 2_500, hasFailed: true });
    expect(await metrics.registry.metrics()).toContain(
      'vagent_trace_spans_total{outcome="exported",service="test"} 3',
    );
  });

  it('says of a failure what it is called, never what it says', async () => {
    await using collector = await startTraceCollector();
    const tracing = await openTracing({ service: 'worker', endpoint: collector.url, log });
    const failing = tracing.span('turn', {}, async () => {
      throw new TypeError('the canary wrote this');
    });
    await expect(failing).rejects.toThrow('the canary wrote this');
    await tracing[Symbol.asyncDispose]();
    expect(collector.spans).toMatchObject([{ hasFailed: true, attributes: { 'error.type': 'TypeError' } }]);
    expect(collector.raw.join()).not.toContain('canary');
  });

  it('follows the flag of the parent, and records no new trace where the share is 0', async () => {
    await using collector = await startTraceCollector();
    const tracing = await openTracing({ service: 'worker', endpoint: collector.url, share: 0, log });
    const traceparents = [parent.replace(/01$/, '00'), undefined, parent].map((from) =>
      tracing.span('turn', { parent: from }, async ({ traceparent }) => traceparent),
    );
    const flags = (await Promise.all(traceparents)).map((text) => parseTrace(text)?.isSampled);
    await tracing[Symbol.asyncDispose]();
    expect(flags).toEqual([false, false, true]);
    expect(collector.spans).toHaveLength(1);
  });

  it('begins a new trace under a parent that nobody can read', async () => {
    await using collector = await startTraceCollector();
    const tracing = await openTracing({ service: 'worker', endpoint: collector.url, log });
    await tracing.span('turn', { parent: 'no traceparent' }, async () => undefined);
    await tracing[Symbol.asyncDispose]();
    expect(collector.spans).toMatchObject([{ name: 'turn', parent: undefined }]);
  });

  it('works on when nobody collects: spans are counted as lost, and closing takes no longer than its grace', async () => {
    const lines: string[] = [];
    const told = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const metrics = createMetrics({ service: 'test' });
    const tracing = await openTracing({
      ...{ service: 'worker', endpoint: 'http://127.0.0.1:9', log: told, metrics },
    });
    for (let n = 0; n < 10_000; n += 1) await tracing.span('turn', {}, async () => undefined);
    await tracing[Symbol.asyncDispose]();
    const lost = await eventually(async () => {
      const counter = await metrics.registry.getSingleMetric('vagent_trace_spans_total')?.get();
      return counter?.values.find(({ labels }) => labels['outcome'] === 'lost')?.value;
    });
    expect(lost).toBeGreaterThan(0);
    expect(lines.filter((line) => line.includes('takes no spans'))).toHaveLength(1);
  });

  it('does not wait for a collector that hangs', async () => {
    await using collector = await startTraceCollector();
    collector.hang();
    const tracing = await openTracing({ service: 'worker', endpoint: collector.url, log });
    await tracing.span('turn', {}, async () => undefined);
    const began = performance.now();
    await tracing[Symbol.asyncDispose]();
    // Its grace is 4 s; the collector would be waited for 10 s.
    expect(performance.now() - began).toBeLessThan(8_000);
  });

  it('sends the headers of its settings, which count as secrets', async () => {
    await using collector = await startTraceCollector();
    const { config, secrets } = readConfig(z.object({ tracing: tracingSettings }), {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20secret,x-team=desk',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    });
    expect(config.tracing.share).toBe(0.5);
    expect(secrets.join()).toContain('x-key=a%20secret');
    const tracing = await openTracing({ ...config.tracing, service: 'worker', log });
    await tracing.span('turn', { parent }, async () => undefined);
    await tracing[Symbol.asyncDispose]();
    expect(collector.headers).toMatchObject([{ 'x-key': 'a secret', 'x-team': 'desk' }]);
  });

  it('records nothing without an endpoint, and hands traceparents on all the same', async () => {
    const { config } = readConfig(z.object({ tracing: tracingSettings }), {});
    const tracing = await openTracing({ ...config.tracing, service: 'worker', log });
    expect(tracing.isOn).toBe(false);
    const child = await tracing.span('turn', { parent }, async ({ traceparent }) => traceparent);
    expect(parseTrace(child)?.traceId).toBe('a'.repeat(32));
  });
});
