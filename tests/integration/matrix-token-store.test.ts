import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { createRedisTokenStore } from '#matrix/redis-token-store';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));

afterAll(() => redis.quit());

const reversed = (text: string): string => [...text].reverse().join('');

function store(key: string, lockMs = 5_000) {
  return createRedisTokenStore({ redis, key, seal: reversed, open: reversed, lockMs, pollMs: 5 });
}

it('gives back the token that was saved, and keeps it sealed', async () => {
  const key = `${uniquePrefix('token')}:{x}`;
  expect(await store(key).load()).toBeUndefined();
  await store(key).save('secret');
  expect(await store(key).load()).toBe('secret');
  expect(await redis.get(key)).toBe('terces');
});

it('runs one piece of work at a time for a device', async () => {
  const key = `${uniquePrefix('token')}:{x}`;
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await redis.ping();
    running -= 1;
  };
  await Promise.all(Array.from({ length: 5 }, () => store(key).exclusively(work)));
  expect(most).toBe(1);
});

it('frees the lock when the work fails', async () => {
  const key = `${uniquePrefix('token')}:{x}`;
  await expect(store(key).exclusively(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await store(key).exclusively(async () => 'next')).toBe('next');
});

it('takes the lock of a holder that died, and that one frees nothing when it wakes up', async () => {
  const key = `${uniquePrefix('token')}:{x}`;
  const sleeper = Promise.withResolvers<void>();
  const sleeping = store(key, 30).exclusively(() => sleeper.promise);
  await store(key, 60_000).exclusively(async () => {
    sleeper.resolve();
    await sleeping;
    expect(await redis.exists(`${key}:lock`)).toBe(1);
  });
});
