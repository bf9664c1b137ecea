import { Redis } from 'ioredis';
import { describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { createPublisher } from '#streams/publish';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const redisUrl = inject('redisUrl');
const settings = redisAt(redisUrl);
const session = '!room:localhost:main:@ana:localhost';

function open() {
  const redis = new Redis(redisUrl);
  const keys = createKeys(uniquePrefix('backlog'));
  const prefix = keys.settings().replace(/:settings$/, '');
  return {
    redis,
    keys,
    prefix,
    publisher: createPublisher({ redis, keys, partitions: 4 }),
    [Symbol.dispose]: () => redis.disconnect(),
  };
}

describe('the backlog', () => {
  it('is what waits and runs in held partitions, with the age of the oldest, and nothing once all is done', async () => {
    using world = open();
    const { publisher, prefix } = world;
    for (let number = 0; number < 3; number += 1) await publisher.publish('inbound', messageEntry(number));
    const gate = Promise.withResolvers<void>();
    const handle = async () => {
      await gate.promise;
      return { outcome: 'replied' };
    };
    await using member = await startTestConsumer(settings, prefix, 'one', { handle, backlogMs: 50 });
    await eventually(async () => (await member.count('stream_pending')) === 3);
    expect(await member.count('stream_lag')).toBe(0);
    await eventually(async () => (await member.count('stream_oldest_seconds')) > 0);
    gate.resolve();
    await eventually(async () => (await member.count('stream_pending')) === 0);
    await eventually(async () => (await member.count('stream_oldest_seconds')) === 0);
    expect(await member.count('entry_waiting_seconds')).toBeGreaterThan(0);
    expect(await member.count('partitions')).toBe(4);
    expect(await member.count('group_members')).toBe(1);
  });

  it('is counted once by members that share the partitions, and dead letters are counted until they are settled', async () => {
    using world = open();
    const { publisher, prefix, redis, keys } = world;
    const handle = async () => {
      throw Object.assign(new Error('never'), { retryable: false });
    };
    await using one = await startTestConsumer(settings, prefix, 'one', { handle, backlogMs: 50 });
    await using two = await startTestConsumer(settings, prefix, 'two', { handle, backlogMs: 50 });
    const held = async (): Promise<number[]> =>
      Promise.all([one, two].map((member) => member.count('partitions_held')));
    await eventually(async () => (await held()).every((count) => count === 2));
    await publisher.publish('inbound', messageEntry(1));
    const kept = async (): Promise<number> =>
      (await one.count('dead_letters_kept')) + (await two.count('dead_letters_kept'));
    await eventually(async () => (await kept()) === 1);
    await redis.del(keys.stream(partitionOf(session, 4), 'dead'));
    await eventually(async () => (await kept()) === 0);
  });

  it('leaves out a key of another type, which has a gauge of its own', async () => {
    using world = open();
    const { redis, keys, prefix, publisher } = world;
    const other = [0, 1, 2, 3].find((partition) => partition !== partitionOf(session, 4)) ?? 0;
    await redis.set(keys.stream(other, 'inbound'), 'no stream');
    await publisher.publish('inbound', messageEntry(1));
    const gate = Promise.withResolvers<void>();
    const handle = async () => {
      await gate.promise;
      return {};
    };
    await using member = await startTestConsumer(settings, prefix, 'one', { handle, backlogMs: 50 });
    await eventually(async () => (await member.count('stream_pending')) === 1);
    await eventually(async () => (await member.count('streams_blocked')) === 1);
    gate.resolve();
  });
});
