import type { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '#contract/entry';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { RedisConnection } from '#runtime/redis-settings';
import { chainStart, verifyChain } from '#streams/audit-chain';
import { checkServer } from '#streams/check-server';
import { connectRedis } from '#streams/connect-redis';
import type { Delivery } from '#streams/delivery';
import { createPublisher } from '#streams/publish';
import type { RedisClient } from '#streams/redis-client';
import { eventually } from '../support/eventually.ts';
import { type RedisCluster, startCluster } from '../support/start-cluster.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const partitions = 8;
const all = Array.from({ length: partitions }, (_, partition) => partition);
let cluster: RedisCluster;
let settings: RedisConnection;
let redis: RedisClient;

beforeAll(async () => {
  cluster = await startCluster();
  const access = { username: undefined, password: undefined, tls: false };
  settings = { form: 'cluster', nodes: cluster.nodes, ...access };
  redis = connectRedis(settings, { name: 'test', onError: () => undefined });
  await eventually(() => redis.ping());
});

afterAll(async () => {
  redis.disconnect();
  await cluster.stop();
});

function setup() {
  const prefix = uniquePrefix('cluster');
  const keys = createKeys(prefix);
  return { prefix, keys, publisher: createPublisher({ redis, keys, partitions }) };
}

/** 40 sessions in all partitions, three messages of each. */
const sessions = Array.from({ length: 40 }, (_, room) => `!${Math.imul(room, 0x9e3779b1) >>> 0}:a:main:@u:a`);
const entries = Array.from({ length: 120 }, (_, number) =>
  messageEntry(number, { session: sessions[number % 40] ?? '' }),
);

/** A handler with all that a commit can hold. */
function answer(keys: ReturnType<typeof createKeys>, member: string) {
  return async ({ entry, partition }: Delivery) => {
    if (entry.id === entries[7]?.id) throw Object.assign(new Error('poison'), { retryable: false });
    const body = { replyTo: null, reply: entry.id, text: member, revision: 1 };
    const reply = { ...entry, type: 'reply.finished' as const, turn: entry.id, body };
    return {
      outcome: 'replied',
      outputs: [{ stream: 'outbound' as const, entry: reply }],
      writes: [
        { command: 'HINCRBY' as const, key: keys.store(partition), args: [entry.id, '1'] },
        { command: 'RPUSH' as const, key: keys.session(partition, entry.session), args: [entry.id] },
      ],
      audit: [{ what: 'replied', entry: entry.id }],
    };
  };
}

async function sum(count: (partition: number) => Promise<number>): Promise<number> {
  return (await Promise.all(all.map(count))).reduce((a, b) => a + b, 0);
}

describe('F42 on a Cluster of three masters', () => {
  it('partitions lie on all of them, and the server is found fit', async () => {
    const { keys } = setup();
    const slots = await Promise.all(
      all.map((partition) => redis.cluster('KEYSLOT', keys.lease(partition, 'graph'))),
    );
    expect(new Set(slots.map((slot) => Math.floor(Number(slot) / 5_461))).size).toBe(3);
    expect(await checkServer(redis, keys, partitions)).toMatchObject({ evictionPolicy: 'noeviction' });
    const [, , last] = (redis as Cluster).nodes('master');
    await last?.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(checkServer(redis, keys, partitions)).rejects.toThrow('allkeys-lru');
    await last?.config('SET', 'maxmemory-policy', 'noeviction');
  });

  it('everything that a consumer does works: order, takeover, commit, dead letters, egress, audit', async () => {
    const { prefix, keys, publisher } = setup();
    const errors: unknown[] = [];
    for (const entry of entries.slice(0, 60)) await publisher.publish('inbound', entry);
    const first = await startTestConsumer(settings, prefix, 'first', {
      partitions,
      handle: answer(keys, 'first'),
    });
    const second = await startTestConsumer(settings, prefix, 'second', {
      partitions,
      handle: answer(keys, 'second'),
    });
    await eventually(() => first.consumer.held().length === 4 && second.consumer.held().length === 4);
    const posted: Entry[] = [];
    const options = { partitions, group: 'egress', streams: ['outbound', 'approvals'] } as const;
    await using _egress = await startTestConsumer(settings, prefix, 'egress', {
      ...options,
      handle: async ({ entry }) => ({ onEnd: () => void posted.push(entry) }),
    });
    for (const entry of entries.slice(60)) {
      publisher.publish('inbound', entry).catch((error: unknown) => errors.push(error));
    }
    await first.stop();
    await eventually(async () => (await sum((partition) => redis.hlen(keys.accepted(partition)))) === 0, {
      withinMs: 15_000,
    });
    await eventually(() => posted.length === 119);
    expect(errors).toEqual([]);
    expect(
      (await first.count('consumer_redis_errors_total')) +
        (await second.count('consumer_redis_errors_total')),
    ).toBe(0);
    await eventually(() => second.consumer.held().length === partitions);
    for (const partition of all) {
      const counts = Object.values(await redis.hgetall(keys.store(partition)));
      expect(new Set(counts).size).toBeLessThanOrEqual(1);
      const lines = await redis.xrange(keys.stream(partition, 'audit'), '-', '+');
      const head = await redis.hget(keys.auditHead(partition), 'hash');
      const chain = lines.map(([id, fields]) => ({ id, fields }));
      expect(verifyChain(chain, head ?? chainStart)).toMatchObject({ isIntact: true, lines: counts.length });
    }
    for (const session of sessions) {
      const ids = await redis.lrange(keys.session(partitionOf(session, partitions), session), 0, -1);
      const sent = entries.filter((entry) => entry.session === session && entry.id !== entries[7]?.id);
      expect(ids).toEqual(sent.map(({ id }) => id));
    }
    expect(await sum((partition) => redis.xlen(keys.stream(partition, 'dead')))).toBe(1);
    await second.stop();
  });

  it('trimming, reconciliation and lost entries work on every node', async () => {
    expect(new Set(sessions.map((session) => partitionOf(session, partitions))).size).toBe(partitions);
    const { prefix, keys, publisher } = setup();
    const fresh = entries.map((entry, number) => ({ ...entry, id: `fresh-${number}` }));
    for (const entry of fresh) await publisher.publish('inbound', entry);
    for (const partition of all) {
      const stream = keys.stream(partition, 'inbound');
      await redis.xgroup('CREATE', stream, 'graph', '0', 'MKSTREAM');
      await redis.xreadgroup('GROUP', 'graph', 'gone', 'COUNT', 5, 'STREAMS', stream, '>');
      await redis.xgroup('DELCONSUMER', stream, 'graph', 'gone');
      const [newest] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
      if (newest !== undefined) await redis.xdel(stream, newest[0]);
    }
    const lost: string[] = [];
    await using worker = await startTestConsumer(settings, prefix, 'a', {
      partitions,
      handle: answer(keys, 'a'),
      onLost: ({ entryId }) => lost.push(entryId),
      houseMs: 100,
      retainMs: 0,
    });
    await eventually(async () => (await sum((partition) => redis.hlen(keys.accepted(partition)))) === 0);
    await eventually(
      async () => (await sum((partition) => redis.xlen(keys.stream(partition, 'inbound')))) <= partitions,
    );
    await eventually(() => lost.length === partitions);
    expect(await worker.count('entries_restored_total')).toBeGreaterThanOrEqual(partitions);
    expect(await sum((partition) => redis.hlen(keys.store(partition)))).toBe(120 - partitions);
    expect(await worker.count('consumer_redis_errors_total')).toBe(0);
  });
});
