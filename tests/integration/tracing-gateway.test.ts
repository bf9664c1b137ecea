import { expect, inject, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { json, startGateway } from '../support/start-gateway.ts';
import { startTraceCollector } from '../support/trace-collector.ts';

it('a message over HTTP is a span of the gateway, and the parent of the turn that it causes', async () => {
  await using collector = await startTraceCollector();
  await using gateway = await startGateway(inject('redisUrl'), {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  });
  const gone = new AbortController();
  const { headers, ...post } = json('POST', { message: 'How do I reset my 2FA?' });
  const authorization = `Bearer ${await gateway.token('zoe', 'user')}`;
  const asking = fetch(`${gateway.url}/api/v1/process_message`, {
    ...post,
    headers: { ...headers, authorization },
    signal: gone.signal,
  }).catch(() => undefined);
  const { redis, keys, partitions } = gateway.transport;
  const published = await eventually(async () => {
    const streams = Array.from({ length: partitions }, (_, partition) => keys.stream(partition, 'inbound'));
    const found = await Promise.all(streams.map((stream) => redis.xrange(stream, '-', '+')));
    return found.flat()[0]?.[1];
  });
  const trace = published[published.indexOf('trace') + 1];
  const request = await eventually(() => collector.spans.find(({ name }) => name === 'request'), {
    withinMs: 15_000,
  });
  expect(trace).toBe(`00-${request.traceId}-${request.spanId}-01`);
  expect(request).toMatchObject({
    service: 'gateway',
    kind: 2,
    attributes: { 'vagent.type': 'message.received' },
  });
  expect(collector.raw.join()).not.toMatch(/zoe|2FA/);
  gone.abort();
  await asking;
});
