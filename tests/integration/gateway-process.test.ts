import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { gatewayAccess, signToken } from '../support/gateway-access.ts';
import { startRedis } from '../support/start-redis.ts';
import { SystemProcess } from '../support/system-process.ts';

const environment = (redisUrl: string) => ({
  PATH: process.env['PATH'] ?? '',
  REDIS_URL: redisUrl,
  STREAM_PARTITIONS: '4',
  VAGENT_PARENT_PID: String(process.pid),
  ...gatewayAccess,
});

async function ask(gateway: SystemProcess, path: string): Promise<{ status: number; body: unknown }> {
  const authorization = `Bearer ${await signToken('@vera:localhost', 'viewer')}`;
  const response = await fetch(`${gateway.url}${path}`, { headers: { authorization } });
  return { status: response.status, body: await response.json() };
}

describe('a gateway as a process', () => {
  it('says that it lives while it waits for Redis, and gets ready when Redis comes', async () => {
    await using redis = await startRedis();
    await redis.kill();
    const gateway = new SystemProcess('gateway-1', 'gateway', environment(redis.url));
    await gateway.start();
    try {
      await eventually(async () => (await ask(gateway, '/health')).status === 200, { withinMs: 20_000 });
      expect((await ask(gateway, '/ready')).status).toBe(503);
      expect(await ask(gateway, '/api/v1/sessions')).toMatchObject({
        status: 503,
        body: { code: 'unavailable', detail: expect.stringContaining('starting') },
      });
      await redis.start();
      await gateway.ready();
      expect(await ask(gateway, '/api/v1/sessions')).toMatchObject({ status: 200 });
    } finally {
      expect(await gateway.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    }
  });

  it('answers that Redis is away while it is, lives on, and recovers by itself', async () => {
    await using redis = await startRedis();
    const gateway = new SystemProcess('gateway-1', 'gateway', environment(redis.url));
    await gateway.start();
    try {
      await gateway.ready();
      await redis.kill();
      const away = await ask(gateway, '/api/v1/sessions');
      expect(away).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect((await ask(gateway, '/ready')).status).toBe(503);
      expect((await ask(gateway, '/health')).status).toBe(200);
      await redis.start();
      await eventually(async () => (await ask(gateway, '/api/v1/sessions')).status === 200, {
        withinMs: 20_000,
      });
    } finally {
      expect(await gateway.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    }
  });

  it('F27: tells within seconds of a Redis that hangs, and ends in time', async () => {
    await using redis = await startRedis();
    const gateway = new SystemProcess('gateway-1', 'gateway', environment(redis.url));
    await gateway.start();
    await gateway.ready();
    process.kill(redis.pid(), 'SIGSTOP');
    const startedAt = performance.now();
    expect(await ask(gateway, '/api/v1/sessions')).toMatchObject({ status: 503 });
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect(await gateway.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
