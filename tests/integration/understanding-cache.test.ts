import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createCachedUnderstanding } from '#dialogue/understanding/create-cached-understanding';
import type { Understand } from '#dialogue/understanding/understanding';
import { uniquePrefix } from '../support/unique-prefix.ts';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.quit());

it('shares what a message means between processes through Redis, for as long as it may', async () => {
  const prefix = uniquePrefix('understood');
  const far = {
    get: (key: string) => redis.get(`${prefix}:${key}`),
    set: (key: string, value: string, ttlMs: number) => redis.set(`${prefix}:${key}`, value, 'PX', ttlMs),
  };
  let calls = 0;
  const inner: Understand = async () => {
    calls += 1;
    return {
      commands: [{ kind: 'start_flow', flow: 'refund', slots: { invoice_id: 'INV-1042' } }],
      analysis: {
        topics: ['billing'],
        urgency: 'normal',
        tone: 'neutral',
        sensitivity: { isSensitive: false, riskCategory: 'none', confidence: 1, entities: [] },
      },
      confidence: 0.9,
    };
  };
  const process = (): Understand =>
    createCachedUnderstanding(inner, { version: 'v1', name: 'model', far, ttlMs: 60_000 });
  const input = {
    text: 'refund INV-1042',
    context: { flow: null, awaiting: null, filled: [], paused: [], waiting: 0 },
    history: [],
    signal: new AbortController().signal,
    onUsage: () => undefined,
  };
  expect(await process()(input)).toEqual(await process()(input));
  expect(calls).toBe(1);
  const [key = ''] = await redis.keys(`${prefix}:*`);
  expect(await redis.pttl(key)).toBeLessThanOrEqual(60_000);
  expect(await redis.pttl(key)).toBeGreaterThan(0);
});
