import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { Delivery } from '#streams/delivery';
import { createPublisher } from '#streams/publish';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { launchTestConsumer } from '../support/test-consumer-launcher.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const session = '!room:localhost:main:@ana:localhost';
const partition = partitionOf(session, 4);

function setup() {
  const prefix = uniquePrefix('zombie');
  const keys = createKeys(prefix);
  const publisher = createPublisher({ redis, keys, partitions: 4 });
  const publish = (number: number, text: string, of = session) =>
    publisher.publish('inbound', messageEntry(number, { session: of, text }));
  return { prefix, keys, publish };
}

describe('a worker process', () => {
  it('F45 F47 that was stopped for longer than its lease writes nothing when it wakes, and joins in again', async () => {
    const { prefix, keys, publish } = setup();
    await using zombie = launchTestConsumer({ url, prefix, member: 'zombie', leaseMs: 500 });
    await eventually(() => zombie.lines.includes('started'));
    await publish(0, 'wait');
    await publish(1, 'second');
    await eventually(() => zombie.lines.includes('begun wait'));
    zombie.signal('SIGSTOP');
    const stopped = Date.now();
    // The heir is still at work when the zombie wakes: the entry is pending, and only the lease tells them apart.
    const gate = Promise.withResolvers<void>();
    const begun: string[] = [];
    const handle = async ({ entry, partition: place }: Delivery) => {
      const text = entry.type === 'message.received' ? entry.body.text : '';
      begun.push(text);
      await gate.promise;
      return { writes: [{ command: 'RPUSH' as const, key: keys.store(place), args: [`heir ${text}`] }] };
    };
    const heir = await startTestConsumer(redisAt(url), prefix, 'heir', { handle, leaseMs: 500 });
    await eventually(() => begun.length === 1);
    await redis.set(`${prefix}:go`, '1');
    await eventually(() => Date.now() - stopped > 1_000);
    zombie.signal('SIGCONT');
    await eventually(() => zombie.lines.includes('refused wait'));
    expect(await redis.exists(keys.store(partition))).toBe(0);
    gate.resolve();
    await eventually(async () => (await redis.llen(keys.store(partition))) === 2);
    await heir.stop();
    await publish(2, 'third');
    await eventually(() => zombie.lines.includes('written third'));
    const [first, ...rest] = await redis.lrange(keys.store(partition), 0, -1);
    expect(first).toBe('heir wait');
    // Awake, it is a member like any other, and may be given the partition back at once.
    expect(rest.map((line) => line.replace(/^\S+ /, ''))).toEqual(['second', 'third']);
    expect(zombie.lines).not.toContain('written wait');
  });

  it('F47 that lost its lease and has it again writes nothing of what it began under the old one', async () => {
    const { prefix, keys, publish } = setup();
    const gate = Promise.withResolvers<void>();
    const begun: number[] = [];
    const handle = async ({ epoch, partition: place }: Delivery) => {
      begun.push(epoch);
      if (begun.length === 1) await gate.promise;
      return { writes: [{ command: 'RPUSH' as const, key: keys.store(place), args: [String(epoch)] }] };
    };
    await using worker = await startTestConsumer(redisAt(url), prefix, 'a', { handle, leaseMs: 500 });
    await publish(0, 'first');
    const old = await eventually(() => begun[0]);
    const lease = keys.lease(partition, 'graph');
    const [seconds] = await redis.time();
    await redis.hset(lease, { owner: 'another', epoch: old + 1, until: (Number(seconds) + 1) * 1_000 });
    await eventually(async () => Number(await redis.hget(lease, 'epoch')) === old + 2);
    gate.resolve();
    await eventually(async () => (await redis.xpending(keys.stream(partition, 'inbound'), 'graph'))[0] === 0);
    expect(await redis.lrange(keys.store(partition), 0, -1)).toEqual([String(old + 2)]);
    await eventually(async () => (await worker.count('commits_fenced_total')) === 1);
  });

  it('F49 that an entry kills gives that entry up after its attempts, and no other one with it', async () => {
    const { prefix, keys, publish } = setup();
    const users = Array.from({ length: 20 }, (_, user) => `!r:a:main:@u${user}:a`);
    await publish(0, 'kill');
    for (const [user, of] of users.entries()) await publish(1, `from ${user}`, of);
    await publish(1, 'behind the poison');
    await using worker = launchTestConsumer({ url, prefix, member: 'w', leaseMs: 300, isKeptAlive: true });
    const readAll = async (read: (place: number) => Promise<string[]>) =>
      (await Promise.all([0, 1, 2, 3].map(read))).flat();
    const committed = async () => await readAll((place) => redis.lrange(keys.store(place), 0, -1));
    await eventually(async () => (await committed()).length >= 21, { withinMs: 25_000 });
    const texts = (await committed()).map((line) => line.replace(/^\S+ /, ''));
    expect(texts.sort()).toEqual([...users.map((_, user) => `from ${user}`), 'behind the poison'].sort());
    const dead = await redis.xrange(keys.stream(partition, 'dead'), '-', '+');
    expect(dead.length).toBe(1);
    expect(dead[0]?.[1]).toContain(messageEntry(0).id);
    expect(dead[0]?.[1].join(' ')).toContain('given up after 5 attempts');
    const others = await readAll(async (place) =>
      (await redis.xrange(keys.stream(place, 'dead'), '-', '+')).map(([id]) => id),
    );
    expect(others.length).toBe(1);
    expect(worker.lines.filter((line) => line === 'begun kill').length).toBe(5);
    expect(worker.starts()).toBe(6);
  });
});
