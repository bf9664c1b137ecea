import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from './create-log.ts';
import { createMetrics } from './create-metrics.ts';
import { createProgress } from './create-progress.ts';
import { HealthServer, type HealthServerOptions } from './health-server.ts';

const started: HealthServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function serve(overrides: Partial<HealthServerOptions> = {}) {
  let now = 0;
  const lines: string[] = [];
  const progress = createProgress(() => now);
  const log = createLog({ service: 'test', format: 'json', output: { write: (line) => lines.push(line) } });
  const { registry } = createMetrics({ service: 'test' });
  const server = new HealthServer({
    host: '127.0.0.1',
    port: 0,
    progress,
    checks: {},
    registry,
    log,
    ...overrides,
  });
  started.push(server);
  const port = await server.start();
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const pass = (ms: number): void => {
    now += ms;
  };
  return { server, port, progress, pass, lines, get };
}

describe('HealthServer', () => {
  it('answers /health with 200 while all components beat or are idle', async () => {
    const { progress, pass, get } = await serve();
    progress.watch('leader', { stalledAfterMs: 10 }).idle();
    progress.watch('reader', { stalledAfterMs: 100 });
    pass(50);
    const { status, text } = await get('/health?verbose');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ status: 'ok', components: { leader: 'idle', reader: 'ok' } });
  });

  it('is ready without what it can go on without, and shows that it is not there', async () => {
    const { get } = await serve({
      checks: { redis: async () => 'fine' },
      partial: { crypto: () => Promise.reject(new Error('no device is held')) },
    });
    const { status, text } = await get('/ready');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ status: 'ready', checks: { redis: 'ok', crypto: 'failed' } });
  });

  it('answers /health with 503 and the names of the stalled ones', async () => {
    const { progress, pass, get } = await serve();
    progress.watch('reader', { stalledAfterMs: 100 });
    pass(101);
    const { status, text } = await get('/health');
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ status: 'stalled', stalled: ['reader'] });
  });

  it('answers /ready with 200 when every check resolves', async () => {
    const { get } = await serve({ checks: { redis: async () => 'PONG' } });
    const { status, text } = await get('/ready');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ status: 'ready', checks: { redis: 'ok' } });
  });

  it('answers /ready with 503 for a check that fails, throws at once, or hangs, and keeps the reasons to the log', async () => {
    let isAborted = false;
    let isWell = true;
    const checks = {
      redis: () => (isWell ? Promise.resolve() : Promise.reject(new Error('canary'))),
      rooms: async () => {
        if (!isWell) throw new Error('canary');
      },
      matrix: (signal: AbortSignal) =>
        isWell
          ? Promise.resolve()
          : new Promise(() => signal.addEventListener('abort', () => (isAborted = true))),
    };
    const { get, lines } = await serve({ checks, checkTimeoutMs: 30 });
    expect((await get('/ready')).status).toBe(200);
    isWell = false;
    const { status, text } = await get('/ready');
    expect(status).toBe(503);
    expect(JSON.parse(text)).toEqual({
      status: 'not ready',
      checks: { redis: 'failed', rooms: 'failed', matrix: 'timed out' },
    });
    expect(isAborted).toBe(true);
    expect(text).not.toContain('canary');
    expect(lines.filter((line) => line.includes('canary'))).toHaveLength(2);
  });

  it('is quiet about checks that fail before it was ever ready', async () => {
    const { get, lines } = await serve({ checks: { redis: () => Promise.reject(new Error('canary')) } });
    expect((await get('/ready')).status).toBe(503);
    expect(lines.filter((line) => line.includes('canary'))).toEqual([]);
  });

  it('answers /metrics in the format of Prometheus', async () => {
    const { get } = await serve();
    const { status, headers, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('answers 500 without the reason when a metric cannot be collected', async () => {
    const { registry } = createMetrics({ service: 'test' });
    registry.metrics = () => Promise.reject(new Error('canary'));
    const { get, lines } = await serve({ registry });
    const { status, text } = await get('/metrics');
    expect([status, text]).toEqual([500, '{"status":"error"}']);
    expect(lines.join('')).toContain('canary');
  });

  it('answers 404 elsewhere and 405 to other methods', async () => {
    const { get } = await serve();
    expect((await get('/')).status).toBe(404);
    expect((await get('/healthz')).status).toBe(404);
    const { status, headers } = await get('/health', { method: 'POST', body: 'x' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('rejects a start on a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(serve({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
    await once(other, 'close');
  });

  it('stops in spite of a probe that hangs, also twice, and serves no more', async () => {
    const { server, get } = await serve({
      checks: { slow: () => new Promise(() => undefined) },
      checkTimeoutMs: 60_000,
    });
    const hanging = get('/ready');
    const failed = expect(hanging).rejects.toThrow();
    await get('/health');
    await server.stop();
    await server.stop();
    await failed;
    await expect(get('/health')).rejects.toThrow();
  });
});
