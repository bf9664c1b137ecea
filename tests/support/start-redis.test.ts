import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { freePort } from './free-port.ts';
import { startRedis } from './start-redis.ts';

it('gives no port that the system hands out by itself', async () => {
  expect(await freePort()).toBeLessThan(32_768);
});

it('knows its own process, keeps port and data over a kill, and gives no number of a process that is gone', async () => {
  await using server = await startRedis();
  const redis = new Redis(server.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  await using _ = { [Symbol.asyncDispose]: async () => redis.disconnect() };
  redis.on('error', () => undefined);
  expect(await redis.info('server')).toContain(`process_id:${server.pid()}\r\n`);
  await redis.set('kept', 'yes');
  await server.kill();
  expect(() => server.pid()).toThrow('does not run');
  await server.start();
  expect(await redis.get('kept')).toBe('yes');
});

it('is not taken in by another server at its port: it waits until that is gone', async () => {
  const other = await startRedis();
  const starting = startRedis({ port: other.port });
  await other.stop();
  await using server = await starting;
  const redis = new Redis(server.url);
  await using _ = { [Symbol.asyncDispose]: async () => redis.disconnect() };
  expect(await redis.info('server')).toContain(`process_id:${server.pid()}\r\n`);
});
