import { once } from 'node:events';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import type { Delivery } from '#streams/delivery';
import { createPublisher } from '#streams/publish';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { messageEntry, partition, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const settings = redisAt(url);
const redis = new Redis(url);
afterAll(() => redis.quit());

/** An entry that was read once by a consumer that is no more: the next attempt at it is the second. */
async function setup() {
  const prefix = uniquePrefix('broken-off');
  const keys = createKeys(prefix);
  const inbound = keys.stream(partition, 'inbound');
  const publisher = createPublisher({ redis, keys, partitions: 4 });
  await redis.xgroup('CREATE', inbound, 'graph', '0', 'MKSTREAM');
  await publisher.publish('inbound', messageEntry(0));
  await redis.xreadgroup('GROUP', 'graph', 'gone', 'STREAMS', inbound, '>');
  return {
    prefix,
    keys,
    /** How many attempts Redis knows of; undefined where the entry is not pending. */
    counted: async (): Promise<unknown> => {
      const found: unknown[][] = await redis.xpending(inbound, 'graph', '-', '+', 1).then(Object.values);
      return found[0]?.[3];
    },
    dead: () => redis.xlen(keys.stream(partition, 'dead')),
  };
}

/** A handler that works until its time is over, and notes the attempts that it was called with. */
function untilBrokenOff() {
  const attempts: number[] = [];
  const handle = async ({ attempt, signal }: Delivery) => {
    attempts.push(attempt);
    if (!signal.aborted) await once(signal, 'abort');
    signal.throwIfAborted();
    return {};
  };
  return { attempts, handle };
}

describe('an attempt that is broken off', () => {
  it('by a stop is not counted, however often: the next process makes the same one', async () => {
    const { prefix, counted, dead } = await setup();
    const { attempts, handle } = untilBrokenOff();
    for (let stop = 1; stop <= 4; stop++) {
      const one = await startTestConsumer(settings, prefix, `worker-${stop}`, { handle, maxAttempts: 3 });
      await eventually(() => attempts.length === stop);
      await one.consumer.stop(1);
      expect(await counted()).toBe(1);
      await one.stop();
    }
    expect(attempts).toEqual([2, 2, 2, 2]);
    expect(await dead()).toBe(0);
  });

  it('by a stop while it waits as long as somebody asked is not counted either', async () => {
    const { prefix, counted } = await setup();
    const attempts: number[] = [];
    const handle = async ({ attempt }: Delivery) => {
      attempts.push(attempt);
      throw Object.assign(new Error('busy'), { retryAfterMs: 60_000 });
    };
    for (let stop = 1; stop <= 3; stop++) {
      const one = await startTestConsumer(settings, prefix, `worker-${stop}`, { handle, maxAttempts: 3 });
      await eventually(() => attempts.length === stop);
      await one.stop();
      expect(await counted()).toBe(1);
    }
    expect(attempts).toEqual([2, 2, 2]);
  });

  it('by an outage of Redis, after which another process had the lease first, is not counted', async () => {
    const { prefix, counted } = await setup();
    const { attempts, handle } = untilBrokenOff();
    await using proxy = await startTcpProxy(Number(new URL(url).port));
    await using _away = await startTestConsumer(redisAt(proxy.url), prefix, 'away', {
      handle,
      watchdogMs: 1_000,
    });
    await eventually(() => attempts.length === 1);
    proxy.freeze();
    proxy.cut();
    const next = untilBrokenOff();
    await using _next = await startTestConsumer(settings, prefix, 'next', { handle: next.handle });
    await eventually(() => next.attempts.length === 1, { withinMs: 20_000 });
    expect([...attempts, ...next.attempts, await counted()]).toEqual([2, 3, 3]);
    proxy.thaw();
    await eventually(async () => (await counted()) === 2, { withinMs: 20_000 });
  });

  it('F48 by the loss of the lease while Redis was there is counted: it may be what held up its process', async () => {
    const { prefix, keys, counted, dead } = await setup();
    const attempts: number[] = [];
    const handle = async ({ attempt }: Delivery) => {
      attempts.push(attempt);
      // What a process sees that woke up after its lease had run out and was given to another.
      await redis.hincrby(keys.lease(partition, 'graph'), 'epoch', 1);
      return {};
    };
    await using _ = await startTestConsumer(settings, prefix, 'slow', { handle, maxAttempts: 4 });
    await eventually(async () => (await dead()) === 1, { withinMs: 20_000 });
    expect(attempts).toEqual([2, 3, 4]);
    expect(await counted()).toBe(undefined);
  });
});
