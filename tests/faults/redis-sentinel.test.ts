import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { createKeys } from '#contract/keys';
import type { RedisConnection } from '#runtime/redis-settings';
import { connectRedis } from '#streams/connect-redis';
import type { Delivery } from '#streams/delivery';
import { createPublisher } from '#streams/publish';
import { isRedisUnavailable } from '#streams/redis-errors';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startRedis } from '../support/start-redis.ts';
import { startSentinelPair } from '../support/start-sentinel.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';

const keys = createKeys('sentinel');
const partitions = [0, 1, 2, 3];

async function handle({ entry, partition }: Delivery) {
  const write = { command: 'HINCRBY' as const, key: keys.store(partition), args: [entry.id, '1'] };
  return { outcome: 'replied', writes: [write] };
}

describe('behind sentinels', () => {
  it('F25 F26 the work outlives the master; the old one comes back as a replica, and nothing was lost', async () => {
    await using pair = await startSentinelPair();
    const access = { username: undefined, password: undefined, tls: false };
    const { sentinels, masterName } = pair;
    const settings: RedisConnection = { form: 'sentinel', sentinels, masterName, ...access };
    const errors: unknown[] = [];
    const redis = connectRedis(settings, {
      name: 'test',
      watchdogMs: 2_000,
      onError: (error) => errors.push(error),
    });
    const publisher = createPublisher({ redis, keys, partitions: 4 });
    await using _a = await startTestConsumer(settings, 'sentinel', 'a', {
      handle,
      leaseMs: 2_000,
      watchdogMs: 2_000,
    });
    await using _b = await startTestConsumer(settings, 'sentinel', 'b', {
      handle,
      leaseMs: 2_000,
      watchdogMs: 2_000,
    });

    const acknowledged: string[] = [];
    const refusals = new Set<string>();
    const publish = async (number: number) => {
      const entry = messageEntry(number, { session: `!r:a:main:@u${number % 20}:a` });
      for (;;) {
        try {
          await publisher.publish('inbound', entry);
          acknowledged.push(entry.id);
          return;
        } catch (error) {
          if (!isRedisUnavailable(error)) throw error;
          refusals.add(error instanceof Error ? error.message.replace(/ .*/s, '') : '');
          await sleep(20);
        }
      }
    };
    const committed = async () => {
      const hashes = await Promise.all(partitions.map((partition) => redis.hgetall(keys.store(partition))));
      return new Map(hashes.flatMap((hash) => Object.entries(hash)));
    };

    for (let number = 0; number < 100; number++) await publish(number);
    await eventually(async () => (await committed()).size === 100);
    const [first, second] = pair.servers;
    await first.kill();
    const during = Promise.all(Array.from({ length: 50 }, (_, index) => publish(100 + index)));
    await eventually(async () => (await pair.masterPort()) === second.port, { withinMs: 15_000 });
    // Alone, the new master takes no writes: they would be on no replica.
    await eventually(() => refusals.has('NOREPLICAS'));
    await first.start();
    const old = new Redis(first.port, '127.0.0.1');
    // The sentinels would do the same, after eight seconds of watching it.
    await old.replicaof('127.0.0.1', second.port);
    await eventually(async () => (await old.role())[0] === 'slave');
    await during;
    for (let number = 150; number < 200; number++) await publish(number);
    await eventually(async () => (await committed()).size === 200, { withinMs: 15_000 });
    const counts = await committed();
    for (const id of acknowledged) expect(counts.get(id), id).toBe('1');
    expect(acknowledged.length).toBe(200);
    expect(await old.call('XLEN', keys.stream(0, 'inbound'))).toBe(
      await redis.xlen(keys.stream(0, 'inbound')),
    );
    old.disconnect();
    redis.disconnect();
  });
});

describe('a master that becomes a replica under a live connection', () => {
  it('F26 is left and looked for again; entries wait without burning attempts and run once', async () => {
    await using server = await startRedis();
    const settings = redisAt(server.url);
    const publisherRedis = connectRedis(settings, { name: 'publisher', onError: () => undefined });
    const publisher = createPublisher({ redis: publisherRedis, keys: createKeys('readonly'), partitions: 4 });
    const admin = new Redis(server.url);
    const gate = Promise.withResolvers<void>();
    const runs: number[] = [];
    const ends: boolean[] = [];
    await using worker = await startTestConsumer(settings, 'readonly', 'a', {
      handle: async ({ attempt }) => {
        runs.push(attempt);
        await gate.promise;
        return { onEnd: (isWritten) => void ends.push(isWritten) };
      },
    });
    await publisher.publish('inbound', messageEntry(0));
    await eventually(() => runs.length === 1);
    // A replica that finds no master keeps its data, and refuses writes.
    await admin.replicaof('127.0.0.1', 1);
    gate.resolve();
    await eventually(() => worker.reconnects() > 0);
    const refused: unknown = await publisher
      .publish('inbound', messageEntry(1))
      .catch((error: unknown) => error);
    expect(isRedisUnavailable(refused)).toBe(true);
    await admin.replicaof('NO', 'ONE');
    await publisher.publish('inbound', messageEntry(2));
    await eventually(() => ends.length === 2);
    expect(runs).toEqual([1, 1]);
    expect(ends).toEqual([true, true]);
    admin.disconnect();
    publisherRedis.disconnect();
  });
});
