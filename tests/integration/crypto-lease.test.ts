import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, inject, it } from 'vitest';
import { claimDevice } from '#crypto/device-lease/device-lease';
import { eventually } from '../support/eventually.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redis = new Redis(inject('redisUrl'));
afterAll(() => redis.quit());
let prefix: string;
beforeEach(() => {
  prefix = uniquePrefix('crypto-lease');
});

const claim = async (member: string, devices = ['A', 'B'], leaseMs = 60_000) => {
  const keyOf = (device: string): string => `${prefix}:{${device}}`;
  const claimed = await claimDevice(redis, { devices, keyOf, member, leaseMs });
  return claimed.ok ? claimed.lease : undefined;
};

it('each member gets the first device that is free, and nobody one that is held', async () => {
  const all = await Promise.all(['one', 'two', 'three'].map((member) => claim(member)));
  expect(all.map((lease) => lease?.deviceId).sort()).toEqual(['A', 'B', undefined]);
});

it('the epoch grows with every owner; one that was replaced renews and gives back nothing', async () => {
  const first = await claim('one', ['A'], 1);
  const second = await eventually(() => claim('two', ['A']));
  expect(second.epoch).toBe((first?.epoch ?? 0) + 1);
  expect(await first?.renew()).toBe(false);
  await first?.release();
  expect(await second.renew()).toBe(true);
  expect(await claim('three', ['A'])).toBeUndefined();
  await second.release();
  expect((await claim('three', ['A']))?.epoch).toBe(second.epoch + 1);
});

it('one that is held says when it may become free', async () => {
  await claim('one', ['A'], 30_000);
  const keyOf = (device: string): string => `${prefix}:{${device}}`;
  const claimed = await claimDevice(redis, { devices: ['A'], keyOf, member: 'two', leaseMs: 1 });
  expect(claimed.ok).toBe(false);
  if (claimed.ok) return;
  expect(claimed.freeInMs).toBeGreaterThan(20_000);
  expect(claimed.freeInMs).toBeLessThanOrEqual(30_000);
});
