import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { connectRedis } from '#streams/connect-redis';
import type { Delivery } from '#streams/delivery';
import { createPublisher, type Publisher } from '#streams/publish';
import { isRedisUnavailable } from '#streams/redis-errors';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startRedis } from '../support/start-redis.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';

const prefix = 'restart';
const keys = createKeys(prefix);
const partitions = [0, 1, 2, 3];

/** Every commit counts the fact in a hash of its partition: a second one would show. */
async function handle({ entry, partition }: Delivery) {
  const write = { command: 'HINCRBY' as const, key: keys.store(partition), args: [entry.id, '1'] };
  return { outcome: 'replied', writes: [write] };
}

async function countsOf(redis: Redis): Promise<Map<string, number>> {
  const hashes = await Promise.all(partitions.map((partition) => redis.hgetall(keys.store(partition))));
  return new Map(hashes.flatMap(Object.entries).map(([id, count]): [string, number] => [id, Number(count)]));
}

async function isAtRest(redis: Redis): Promise<boolean> {
  const left = await Promise.all(
    partitions.map(async (partition) => {
      const [pending] = await redis.xpending(keys.stream(partition, 'inbound'), 'graph');
      return Number(pending) + (await redis.hlen(keys.accepted(partition)));
    }),
  );
  return left.every((count) => count === 0);
}

/** Publishes one entry after the other until the stop; returns the ids whose publishing was acknowledged. */
function publishSteadily(publisher: Publisher) {
  const acknowledged: string[] = [];
  let isOver = false;
  const done = (async () => {
    for (let number = 0; !isOver; number++) {
      const entry = messageEntry(number, { session: `!r:a:main:@u${number % 20}:a` });
      // A fact is published until it is acknowledged, as ingress does.
      for (let isPublished = false; !isPublished && !isOver; ) {
        try {
          await publisher.publish('inbound', entry);
          acknowledged.push(entry.id);
          isPublished = true;
        } catch (error) {
          if (!isRedisUnavailable(error)) throw error;
          await sleep(20);
        }
      }
      await sleep(1);
    }
  })();
  const stop = async () => {
    isOver = true;
    await done;
    return acknowledged;
  };
  return { acknowledged, stop };
}

describe('a Redis that goes away under load', () => {
  it('F23 by kill -9 and comes back with all that it acknowledged; each entry is committed once', async () => {
    await using server = await startRedis();
    const settings = redisAt(server.url);
    const redis = new Redis(server.url);
    redis.on('error', () => undefined);
    const commands = connectRedis(settings, { name: 'publisher', onError: () => undefined });
    const load = publishSteadily(createPublisher({ redis: commands, keys, partitions: 4 }));
    await using a = await startTestConsumer(settings, prefix, 'a', { handle, leaseMs: 2_000 });
    await using b = await startTestConsumer(settings, prefix, 'b', { handle, leaseMs: 2_000 });
    for (let kill = 0; kill < 3; kill++) {
      const before = load.acknowledged.length;
      await eventually(() => load.acknowledged.length > before + 100);
      await server.kill();
      await server.start();
      const committed = (await countsOf(redis)).size;
      await eventually(async () => (await countsOf(redis)).size > committed);
    }
    const acknowledged = await load.stop();
    await eventually(() => isAtRest(redis), { withinMs: 15_000 });
    const counts = await countsOf(redis);
    for (const id of acknowledged) expect(counts.get(id), id).toBe(1);
    for (const count of counts.values()) expect(count).toBe(1);
    expect((await a.count('entries_lost_total')) + (await b.count('entries_lost_total'))).toBe(0);
    for (const partition of partitions) expect(await redis.xlen(keys.stream(partition, 'dead'))).toBe(0);
    redis.disconnect();
    commands.disconnect();
  });

  it('F27 by freezing is left within 30 s by the watchdog that services use, and the work goes on', async () => {
    await using server = await startRedis();
    const settings = redisAt(server.url);
    const redis = new Redis(server.url);
    await using worker = await startTestConsumer(settings, prefix, 'a', { handle, leaseMs: 2_000 });
    const publisher = createPublisher({ redis, keys, partitions: 4 });
    await publisher.publish('inbound', messageEntry(0));
    await eventually(() => isAtRest(redis));
    process.kill(server.pid(), 'SIGSTOP');
    const frozen = Date.now();
    await eventually(() => worker.reconnects() > 0, { withinMs: 30_000 });
    expect(Date.now() - frozen).toBeLessThan(30_000);
    process.kill(server.pid(), 'SIGCONT');
    await publisher.publish('inbound', messageEntry(1));
    await eventually(async () => (await countsOf(redis)).size === 2);
    expect([...(await countsOf(redis)).values()]).toEqual([1, 1]);
    redis.disconnect();
  });
});
