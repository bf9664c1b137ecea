import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createFlags } from '#agents/flags/create-flags';
import { createLocalCanaries } from '#agents/flags/create-local-canaries';
import { createRedisCanaries } from '#agents/flags/create-redis-canaries';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';
import { ann, canaryText, describeCanaries } from './flags-suite.ts';

const redis = new Redis(inject('redisUrl'));
const other = new Redis(inject('redisUrl'));
afterAll(() => Promise.all([redis.quit(), other.quit()]));

describe('canaries in Redis', () => {
  describeCanaries(() => createRedisCanaries({ redis, prefix: uniquePrefix('flags') }));

  it('trip once where workers report at the same time, and the other worker sees it by itself', async () => {
    const prefix = uniquePrefix('flags');
    await using a = await createFlags({
      text: canaryText,
      canaries: createRedisCanaries({ redis, prefix }),
    });
    await using b = await createFlags({
      text: canaryText,
      canaries: createRedisCanaries({ redis: other, prefix }),
    });
    expect([await a.isOn('new', ann), await b.isOn('new', ann)]).toEqual([true, true]);
    const both = [a, b];
    const told = await Promise.all(
      Array.from({ length: 20 }, (_, i) => both[i % 2]?.report('new', ann, 'error', `$${i}`)),
    );
    expect(told.filter((sentence) => sentence !== undefined)).toHaveLength(1);
    await eventually(async () => !(await a.isOn('new', ann)) && !(await b.isOn('new', ann)), {
      withinMs: 1_000,
    });
  });

  it('keep each definition in a slot of its own, and only the rollback for good', async () => {
    const prefix = uniquePrefix('flags');
    await using flags = await createFlags({
      text: canaryText,
      canaries: createRedisCanaries({ redis, prefix }),
    });
    for (let i = 0; i < 4; i += 1) await flags.report('new', ann, 'error', `$${i}`);
    const keys = (await redis.keys(`${prefix}:*`)).sort();
    const name = /^[^{}]+:\{flag:new:[0-9a-f]{16}\}:(counts|order|outcomes|rolled-back)$/;
    expect(keys.map((key) => name.exec(key)?.[1])).toEqual(['counts', 'order', 'outcomes', 'rolled-back']);
    const lives = await Promise.all(keys.map((key) => redis.pttl(key)));
    expect(lives.map((ms) => ms > 0)).toEqual([true, true, true, false]);
  });

  it('are off when nobody can say whether they were rolled back', async () => {
    const gone = new Redis(inject('redisUrl'), { maxRetriesPerRequest: 0, retryStrategy: () => null });
    await gone.quit();
    await using flags = await createFlags({
      text: canaryText,
      canaries: createRedisCanaries({ redis: gone, prefix: uniquePrefix('flags') }),
    });
    expect(await flags.isOn('new', ann)).toBe(false);
    expect(await flags.variantOf('new', ann, 'old way')).toBe('old way');
  });
});

describe('canaries in a process', () => {
  describeCanaries(createLocalCanaries);
});
