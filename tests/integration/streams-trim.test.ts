import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { loadScript, runScript } from '#streams/script';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.quit());

const script = loadScript(new URL('../../libs/streams/trim.lua', import.meta.url));

async function setup(groups: string[]) {
  const key = `${uniquePrefix('trim')}:{0}:inbound`;
  const ids: string[] = [];
  for (let number = 0; number < 10; number++) ids.push((await redis.xadd(key, '*', 'number', number)) ?? '');
  for (const group of groups) await redis.xgroup('CREATE', key, group, '0');
  // All of them are older than a retention of nothing once Redis' clock has moved on.
  const newest = Number(ids.at(-1)?.split('-', 1)[0]);
  await eventually(
    async () => Number((await redis.time())[1]) / 1000 + Number((await redis.time())[0]) * 1000 > newest + 2,
  );
  return {
    key,
    ids,
    read: (group: string, count: number) =>
      redis.xreadgroup('GROUP', group, 'c', 'COUNT', count, 'STREAMS', key, '>'),
    trim: (retainMs: number, ...required: string[]) =>
      runScript(redis, script, [key], [retainMs, ...required]),
    left: async () => (await redis.xrange(key, '-', '+')).map(([id]) => id),
  };
}

it('keeps what its group has not read, however old', async () => {
  const { trim, left, ids, read, key } = await setup(['graph']);
  expect(await trim(0, 'graph')).toBe(0);
  await read('graph', 5);
  await redis.xack(key, 'graph', ...ids);
  expect(await trim(0, 'graph')).toBe(4);
  expect(await left()).toEqual(ids.slice(4));
});

it('keeps what is pending, and all behind it', async () => {
  const { trim, left, ids, read, key } = await setup(['graph']);
  await read('graph', 10);
  await redis.xack(key, 'graph', ...ids.slice(0, 3), ...ids.slice(5));
  expect(await trim(0, 'graph')).toBe(3);
  expect(await left()).toEqual(ids.slice(3));
});

it('keeps what any group still needs, also one that nobody asked about', async () => {
  const { trim, left, ids, read, key } = await setup(['graph', 'by-hand']);
  await read('graph', 10);
  await redis.xack(key, 'graph', ...ids);
  await read('by-hand', 3);
  await redis.xack(key, 'by-hand', ...ids);
  expect(await trim(0, 'graph')).toBe(2);
  expect(await left()).toEqual(ids.slice(2));
});

it('keeps everything while a group that must read it does not exist', async () => {
  const { trim, read, key, ids } = await setup(['graph']);
  await read('graph', 10);
  await redis.xack(key, 'graph', ...ids);
  expect(await trim(0, 'graph', 'egress')).toBe(0);
});

it('keeps what was finished within the time that it stays readable', async () => {
  const { trim, read, key, ids } = await setup(['graph']);
  await read('graph', 10);
  await redis.xack(key, 'graph', ...ids);
  expect(await trim(60_000, 'graph')).toBe(0);
});
