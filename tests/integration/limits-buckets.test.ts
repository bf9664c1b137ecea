import { Redis } from 'ioredis';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createKeys, type Keys } from '#contract/keys';
import { createRateLimits } from '#operations/limits/rate-limit';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.quit());

let keys: Keys;
beforeEach(() => {
  keys = createKeys(uniquePrefix('limits'));
});

const ana = { user: '@ana:example.org', room: '!hot:example.org' };
const limitsOf = (user: number, room: number) => createRateLimits({ redis, keys, perMinute: { user, room } });
/** Lets time pass for a bucket. */
const later = async (scope: 'user' | 'room', who: string, ms: number) => {
  const key = keys.rate(scope, who);
  const kept = await redis.hmget(key, 'at', 'told');
  const [at, told] = kept.map((value) => (value === null ? null : Number(value) - ms));
  await redis.hset(key, { at: String(at), ...(told === null ? {} : { told: String(told) }) });
};

describe('rate limits', () => {
  it('let a minute’s worth come at once, and then say so once', async () => {
    const limits = limitsOf(5, 0);
    for (let i = 0; i < 5; i++) expect(await limits.take(ana)).toEqual({ ok: true });
    const refused = await Promise.all(Array.from({ length: 20 }, () => limits.take(ana)));
    expect(refused.every(({ ok }) => !ok)).toBe(true);
    expect(refused.filter((taken) => !taken.ok && taken.tell)).toHaveLength(1);
    const [first] = refused;
    if (first === undefined || first.ok) throw new Error('it was not refused');
    expect(first.scope).toBe('user');
    expect(first.retryInMs).toBeGreaterThan(0);
    expect(first.retryInMs).toBeLessThanOrEqual(12_000);
  });

  it('fill evenly: after a fifth of a minute there is room for a fifth, and it is not said again', async () => {
    const limits = limitsOf(5, 0);
    for (let i = 0; i < 5; i++) await limits.take(ana);
    expect(await limits.take(ana)).toMatchObject({ ok: false, tell: true });
    await later('user', ana.user, 12_000);
    expect(await limits.take(ana)).toEqual({ ok: true });
    expect(await limits.take(ana)).toMatchObject({ ok: false, tell: false });
    await later('user', ana.user, 60_000);
    for (let i = 0; i < 5; i++) expect(await limits.take(ana)).toEqual({ ok: true });
    expect(await limits.take(ana)).toMatchObject({ ok: false, tell: true });
  });

  it('count all processes together', async () => {
    const many = Array.from({ length: 4 }, () => limitsOf(10, 0));
    const taken = await Promise.all(
      many.flatMap((limits) => Array.from({ length: 10 }, () => limits.take(ana))),
    );
    expect(taken.filter(({ ok }) => ok)).toHaveLength(10);
  });

  it('T11: let nobody use up a room for the others', async () => {
    const limits = limitsOf(3, 10);
    for (let i = 0; i < 100; i++) await limits.take(ana);
    const others = ['@bo:example.org', '@cy:example.org'];
    for (const user of others) {
      for (let i = 0; i < 3; i++) expect(await limits.take({ ...ana, user })).toEqual({ ok: true });
    }
  });

  it('count a room over all who write there, and no other room', async () => {
    const limits = limitsOf(0, 6);
    const people = Array.from({ length: 9 }, (_, index) => `@user${index}:example.org`);
    const taken = await Promise.all(people.map((user) => limits.take({ ...ana, user })));
    const refused = taken.filter(({ ok }) => !ok);
    expect(refused).toHaveLength(3);
    expect(refused.every((one) => !one.ok && one.scope === 'room')).toBe(true);
    expect(await limits.take({ ...ana, room: '!cold:example.org' })).toEqual({ ok: true });
  });

  it('are none at 0, and ask Redis nothing', async () => {
    const limits = limitsOf(0, 0);
    for (let i = 0; i < 50; i++) expect(await limits.take(ana)).toEqual({ ok: true });
    expect(await redis.exists(keys.rate('user', ana.user), keys.rate('room', ana.room))).toBe(0);
  });

  it('begin anew where something else stands in their place, and leave nothing behind', async () => {
    const limits = limitsOf(5, 5);
    await redis.set(keys.rate('user', ana.user), 'x');
    await redis.hset(keys.rate('room', ana.room), { tokens: 'many', at: 'never' });
    expect(await limits.take(ana)).toEqual({ ok: true });
    for (const key of [keys.rate('user', ana.user), keys.rate('room', ana.room)]) {
      const ttl = await redis.pttl(key);
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(120_000);
    }
  });
});
