import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { StoreDataError, StoreRequestError } from '#checkpoint/errors';
import { RedisStore, type RedisStoreOptions } from '#checkpoint/redis-store';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.quit());

function open(options: Partial<RedisStoreOptions> = {}): { store: RedisStore; prefix: string } {
  const prefix = `${uniquePrefix('store')}:{3}:memory`;
  return { store: new RedisStore({ redis, prefix, ...options }), prefix };
}

const keysOf = async (items: Promise<{ key: string }[]>) => (await items).map(({ key }) => key);

describe('an item', () => {
  it('is found again, keeps its time of creation when replaced, and goes when deleted', async () => {
    const { store } = open();
    await store.put(['users', '@a:host'], 'colour', { text: 'green', n: [1, { deep: 'ü' }] });
    const first = await store.get(['users', '@a:host'], 'colour');
    expect(first).toMatchObject({
      namespace: ['users', '@a:host'],
      key: 'colour',
      value: { n: [1, { deep: 'ü' }] },
    });
    await eventually(() => Date.now() > (first?.createdAt.getTime() ?? 0));
    await store.put(['users', '@a:host'], 'colour', { text: 'blue' });
    const second = await store.get(['users', '@a:host'], 'colour');
    expect(second?.value).toEqual({ text: 'blue' });
    expect(second?.createdAt).toEqual(first?.createdAt);
    expect(second?.updatedAt.getTime()).toBeGreaterThan(first?.updatedAt.getTime() ?? Number.NaN);
    await store.delete(['users', '@a:host'], 'colour');
    expect(await store.get(['users', '@a:host'], 'colour')).toBeNull();
    expect(await store.listNamespaces()).toEqual([]);
  });

  it('never meets another one, whatever its labels and key contain', async () => {
    const { store } = open();
    const places: [string[], string][] = [
      [['a', 'b'], 'c'],
      [['a'], 'b:c'],
      [['a'], 'b::c'],
      [['a:b'], 'c'],
      [['a', 'b:'], ':c'],
      [['{x}'], '*'],
      [['%7Bx%7D'], '*'],
      [['__proto__'], 'constructor'],
      [['\ud83d'], ' '],
      [['😀'], '\u0000'],
    ];
    for (const [i, [namespace, key]] of places.entries()) await store.put(namespace, key, { i });
    for (const [i, [namespace, key]] of places.entries()) {
      expect(await store.get(namespace, key)).toMatchObject({ namespace, key, value: { i } });
    }
    expect(await store.search([], { limit: 100 })).toHaveLength(places.length);
  });

  it('expires, and its name with it', async () => {
    const { store, prefix } = open({ ttlMs: 20 });
    await store.put(['users'], 'a', { n: 1 });
    await eventually(async () => (await store.get(['users'], 'a')) === null);
    expect(await store.search(['users'])).toEqual([]);
    expect(await redis.exists(`${prefix}:index`)).toBe(0);
  });

  it('that somebody else wrote is named with its key', async () => {
    const { store, prefix } = open();
    await store.put(['users'], 'a', { n: 1 });
    await redis.set(`${prefix}:item:users::a`, 'by hand');
    await expect(store.get(['users'], 'a')).rejects.toThrow(StoreDataError);
    await expect(store.get(['users'], 'a')).rejects.toThrow(`${prefix}:item:users::a`);
  });
});

describe('a search', () => {
  it('stays below whole labels, filters, and pages in the order of names', async () => {
    const { store } = open();
    for (let n = 0; n < 250; n += 1)
      await store.put(['docs', n % 2 === 0 ? 'even' : 'odd'], `k${String(n).padStart(3, '0')}`, {
        n,
        word: `w${n % 5}`,
      });
    await store.put(['docsish'], 'other', { n: 0 });
    expect(await store.search(['docs'], { limit: 1000 })).toHaveLength(250);
    expect(await keysOf(store.search(['docs', 'even'], { limit: 2, offset: 1 }))).toEqual(['k002', 'k004']);
    expect(await keysOf(store.search(['docs'], { filter: { n: { $gte: 10, $lt: 13 } } }))).toEqual([
      'k010',
      'k012',
      'k011',
    ]);
    expect(await store.search(['docs'], { filter: { word: 'w3' }, limit: 1000 })).toHaveLength(50);
    expect(
      await store.search(['docs'], { filter: { word: { $in: ['w3', 'w4'] }, n: { $ne: 3 } }, limit: 1000 }),
    ).toHaveLength(99);
    expect(await store.search(['doc'])).toEqual([]);
    await expect(store.search(['docs'], { filter: { n: { $near: 1 } } })).rejects.toThrow(StoreRequestError);
  });

  it('with a query gives the share of its words found, best first, and leaves out what has none', async () => {
    const { store } = open();
    await store.put(['docs'], 'both', { title: 'Reset', body: { text: 'your 2FA device' } });
    await store.put(['docs'], 'half', { title: 'A device' });
    await store.put(['docs'], 'none', { title: 'Other' });
    const found = await store.search(['docs'], { query: 'Device RESET' });
    expect(found.map(({ key, score }) => [key, score])).toEqual([
      ['both', 1],
      ['half', 0.5],
    ]);
    expect(await store.search(['docs'], { query: '…' })).toHaveLength(3);
  });
});

describe('namespaces', () => {
  it('are listed by prefix, suffix, wildcard, depth and page', async () => {
    const { store } = open();
    for (const namespace of [
      ['a', 'b', 'v1'],
      ['a', 'c', 'v1'],
      ['a', 'c', 'v2'],
      ['d', 'v1'],
    ])
      await store.put(namespace, 'k', { n: 1 });
    expect(await store.listNamespaces({ prefix: ['a'] })).toEqual([
      ['a', 'b', 'v1'],
      ['a', 'c', 'v1'],
      ['a', 'c', 'v2'],
    ]);
    expect(await store.listNamespaces({ suffix: ['v1'] })).toEqual([
      ['a', 'b', 'v1'],
      ['a', 'c', 'v1'],
      ['d', 'v1'],
    ]);
    expect(await store.listNamespaces({ prefix: ['a', '*', 'v2'] })).toEqual([['a', 'c', 'v2']]);
    expect(await store.listNamespaces({ maxDepth: 2 })).toEqual([
      ['a', 'b'],
      ['a', 'c'],
      ['d', 'v1'],
    ]);
    expect(await store.listNamespaces({ limit: 1, offset: 1 })).toEqual([['a', 'c', 'v1']]);
  });
});

describe('a batch', () => {
  it('reads as of before its puts, and the last put of an item counts', async () => {
    const { store } = open();
    await store.put(['a'], 'k', { n: 0 });
    const [before, , , found] = await store.batch([
      { namespace: ['a'], key: 'k' },
      { namespace: ['a'], key: 'k', value: { n: 1 } },
      { namespace: ['a'], key: 'k', value: { n: 2 } },
      { namespacePrefix: ['a'] },
    ]);
    expect(before).toMatchObject({ value: { n: 0 } });
    expect(found).toMatchObject([{ value: { n: 0 } }]);
    expect(await store.get(['a'], 'k')).toMatchObject({ value: { n: 2 } });
  });

  it('refuses an empty label', async () => {
    const { store } = open();
    await expect(store.batch([{ namespace: ['a', ''], key: 'k', value: {} }])).rejects.toThrow(
      StoreRequestError,
    );
  });
});

describe('a store', () => {
  it('refuses an index and a prefix without a hash tag', () => {
    const index = { dims: 3 } as never;
    expect(() => new RedisStore({ redis, prefix: 'x:{1}', index })).toThrow(/no vector index/);
    expect(() => new RedisStore({ redis, prefix: 'memory' })).toThrow(/hash tag/);
  });
});
