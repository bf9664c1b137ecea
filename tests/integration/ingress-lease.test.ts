import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { acquireSyncLease } from '../../services/ingress/reading/sync-lease.ts';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));

afterAll(() => redis.quit());

async function take(key: string, member: string, leaseMs: number) {
  const acquired = await acquireSyncLease(redis, { key, member, leaseMs });
  if (!acquired.ok) throw new Error(`${member} did not get it`);
  return acquired.lease;
}

it('is held by one, who says when it will be free', async () => {
  const key = uniquePrefix('lease');
  const lease = await take(key, 'a', 60_000);
  expect([lease.epoch, lease.token]).toEqual([1, undefined]);
  const refused = await acquireSyncLease(redis, { key, member: 'b', leaseMs: 60_000 });
  expect(refused.ok).toBe(false);
  if (!refused.ok) expect(refused.freeInMs).toBeGreaterThan(50_000);
});

it('passes on with its token and a higher epoch when it is given back', async () => {
  const key = uniquePrefix('lease');
  const first = await take(key, 'a', 60_000);
  expect(await first.saveToken('t1')).toBe(true);
  await first.release();
  const second = await take(key, 'b', 60_000);
  expect([second.epoch, second.token]).toEqual([2, 't1']);
});

it('refuses whoever was replaced: no renewal, no token, no release', async () => {
  const key = uniquePrefix('lease');
  const old = await take(key, 'a', 20);
  await old.saveToken('t1');
  const taken = async () => (await acquireSyncLease(redis, { key, member: 'b', leaseMs: 60_000 })).ok;
  await eventually(taken, { what: 'the lease ran out' });
  expect(await old.renew()).toBe(false);
  expect(await old.saveToken('t0')).toBe(false);
  await old.release();
  expect(await redis.hmget(key, 'owner', 'token')).toEqual(['b', 't1']);
});

it('refuses its earlier holder even where the same one took it again', async () => {
  const key = uniquePrefix('lease');
  const earlier = await take(key, 'a', 60_000);
  const later = await take(key, 'a', 60_000);
  expect(await earlier.saveToken('old')).toBe(false);
  expect(await later.saveToken('new')).toBe(true);
});

it('is gone when its key is', async () => {
  const key = uniquePrefix('lease');
  const lease = await take(key, 'a', 60_000);
  await redis.del(key);
  expect(await lease.renew()).toBe(false);
  expect(await lease.saveToken('t')).toBe(false);
  expect(await redis.exists(key)).toBe(0);
});
