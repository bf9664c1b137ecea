import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { createRedisTokenStore } from '#matrix/redis-token-store';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
const fixture = fileURLToPath(new URL('runtime-first-login.ts', import.meta.url));

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

it('keeps the lock for as long as the work takes', async () => {
  const key = `${uniquePrefix('token')}:{x}`;
  const lengthening = Promise.withResolvers<void>();
  const first = store(key, 1_500).exclusively(() => lengthening.promise);
  const lock = `${key}:lock`;
  await eventually(async () => (await redis.exists(lock)) === 1);
  const owner = await redis.get(lock);
  // Its time goes down, and up again, more often than it could without being renewed.
  for (let renewals = 0, before = 0; renewals < 3; ) {
    const left = await redis.pttl(lock);
    if (left > before) renewals += 1;
    before = left;
  }
  expect(await redis.get(lock)).toBe(owner);
  lengthening.resolve();
  await first;
  expect(await redis.exists(lock)).toBe(0);
});

it('takes the lock of a holder that renews it no more, and that one frees nothing when it wakes up', async () => {
  const key = `${uniquePrefix('token')}:{x}`;
  const cut = new Redis(inject('redisUrl'));
  const sleeper = Promise.withResolvers<void>();
  const asleep = createRedisTokenStore({ redis: cut, key, seal: reversed, open: reversed, lockMs: 300 });
  const sleeping = asleep.exclusively(() => sleeper.promise);
  await eventually(async () => (await redis.exists(`${key}:lock`)) === 1);
  cut.disconnect();
  await store(key, 60_000).exclusively(async () => {
    await cut.connect();
    sleeper.resolve();
    await sleeping;
    expect(await redis.exists(`${key}:lock`)).toBe(1);
  });
  await cut.quit();
});

it('a process that is killed in the very first login of a device keeps the next one waiting for seconds only', async () => {
  const prefix = uniquePrefix('token');
  const asked = Promise.withResolvers<void>();
  let isStalling = true;
  const server = createServer((request, response) => {
    request.resume();
    const isLogin = request.url?.endsWith('/login') === true;
    asked.resolve();
    if (isLogin && isStalling) return;
    response.setHeader('content-type', 'application/json');
    const body = isLogin
      ? { access_token: 'tok' }
      : { user_id: '@bot:x', device_id: 'VAGENT_CRYPTO_INGRESS' };
    response.end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Boundary: a server that listens on TCP has such an address.
  const homeserver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { REDIS_URL: inject('redisUrl'), PREFIX: prefix, HOMESERVER: homeserver };
  const first = spawn(process.execPath, [fixture], { env: { ...process.env, ...env }, stdio: 'ignore' });
  try {
    await asked.promise;
    first.kill('SIGKILL');
    await once(first, 'exit');
    const lock = `${createKeys(prefix).token('bot', 'VAGENT_CRYPTO_INGRESS')}:lock`;
    expect(await redis.pttl(lock)).toBeGreaterThan(0);
    expect(await redis.pttl(lock)).toBeLessThanOrEqual(5_000);
    isStalling = false;
    const next = spawn(process.execPath, [fixture], { env: { ...process.env, ...env } });
    expect(await readText(next.stdout)).toBe('VAGENT_CRYPTO_INGRESS\n');
  } finally {
    first.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
  }
});
