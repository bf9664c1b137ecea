import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { checkServer } from '#streams/check-server';
import type { Delivery } from '#streams/delivery';
import { createPublisher } from '#streams/publish';
import { isRedisUnavailable } from '#streams/redis-errors';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startRedis } from '../support/start-redis.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';

const session = '!room:localhost:main:@ana:localhost';
const partition = partitionOf(session, 4);

describe('a Redis without memory', () => {
  it('F29 refuses to publish with a clear error and writes nothing, lets everything drain, and recovers', async () => {
    await using server = await startRedis();
    const redis = new Redis(server.url);
    const settings = redisAt(server.url);
    const keys = createKeys('memory');
    const publisher = createPublisher({ redis, keys, partitions: 4 });
    const waiting = 50;
    for (let number = 0; number < waiting; number++) await publisher.publish('inbound', messageEntry(number));
    await redis.config('SET', 'maxmemory', '1mb');

    const refused: unknown = await publisher
      .publish('inbound', messageEntry(100))
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ message: expect.stringMatching(/^OOM /) });
    expect(isRedisUnavailable(refused)).toBe(true);
    expect(await redis.exists(keys.fact(partition, messageEntry(100).id))).toBe(0);
    expect(await redis.xlen(keys.stream(partition, 'inbound'))).toBe(waiting);

    const handle = async ({ entry }: Delivery) => {
      const body = { state: 'idle' as const, replyTo: null, text: entry.id, approval: null };
      const output = { ...entry, type: 'turn.status' as const, turn: entry.id, body };
      return { outcome: 'replied', outputs: [{ stream: 'outbound' as const, entry: output }] };
    };
    const seen: string[] = [];
    await using worker = await startTestConsumer(settings, 'memory', 'worker', { handle });
    await using _egress = await startTestConsumer(settings, 'memory', 'egress', {
      group: 'egress',
      streams: ['outbound'],
      handle: async ({ entry }) => ({ onEnd: (isWritten) => void (isWritten && seen.push(entry.id)) }),
    });
    await eventually(() => seen.length === waiting);
    await eventually(async () => (await redis.hlen(keys.accepted(partition))) === 0);
    expect((await redis.xpending(keys.stream(partition, 'outbound'), 'egress'))[0]).toBe(0);
    expect(await worker.count('dead_letters_total')).toBe(0);

    await redis.config('SET', 'maxmemory', '0');
    expect(await publisher.publish('inbound', messageEntry(100))).toMatchObject({ isNew: true });
    await eventually(() => seen.length === waiting + 1);
    redis.disconnect();
  });

  it('F30 is refused at the start when it would evict keys, with the remedy', async () => {
    await using server = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] });
    const redis = new Redis(server.url);
    const keys = createKeys('eviction');
    await expect(checkServer(redis, keys, 4)).rejects.toThrow(
      /allkeys-lru.*CONFIG SET maxmemory-policy noeviction/,
    );
    expect(await redis.dbsize()).toBe(0);
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    expect(await checkServer(redis, keys, 4)).toMatchObject({
      evictionPolicy: 'noeviction',
      appendOnly: true,
    });
    await expect(checkServer(redis, keys, 8)).rejects.toThrow(
      /STREAM_PARTITIONS is 8.*set STREAM_PARTITIONS=4/,
    );
    redis.disconnect();
  });

  it('F32 or one that pauses for two seconds makes nobody lose a lease or run anything twice', async () => {
    await using server = await startRedis();
    const settings = redisAt(server.url);
    const redis = new Redis(server.url);
    const publisher = createPublisher({ redis, keys: createKeys('slow'), partitions: 4 });
    const seen: string[] = [];
    const handle = async ({ entry }: Delivery) => {
      seen.push(entry.id);
      return {};
    };
    await using a = await startTestConsumer(settings, 'slow', 'a', { handle, leaseMs: 5_000 });
    await using b = await startTestConsumer(settings, 'slow', 'b', { handle, leaseMs: 5_000 });
    await eventually(() => a.consumer.held().length === 2 && b.consumer.held().length === 2);
    const moves = (await a.count('lease_moves_total')) + (await b.count('lease_moves_total'));
    await redis.call('CLIENT', 'PAUSE', '2000');
    const ids = Array.from({ length: 20 }, (_, number) => messageEntry(number));
    await Promise.all(ids.map((entry) => publisher.publish('inbound', entry)));
    await eventually(() => seen.length === 20);
    expect(seen).toEqual(ids.map(({ id }) => id));
    expect((await a.count('lease_moves_total')) + (await b.count('lease_moves_total'))).toBe(moves);
    redis.disconnect();
  });
});
