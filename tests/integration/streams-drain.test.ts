import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { assignPartitions } from '#streams/assign-partitions';
import { createPublisher } from '#streams/publish';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { messageEntry, partition, safeLeaseMs, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const settings = redisAt(url);
const redis = new Redis(url);
afterAll(() => redis.quit());

function setup() {
  const prefix = uniquePrefix('drain');
  const keys = createKeys(prefix);
  const publisher = createPublisher({ redis, keys, partitions: 4 });
  const outcome = (number: number) => redis.get(keys.fact(partition, messageEntry(number).id));
  const publish = (number: number) => publisher.publish('inbound', messageEntry(number));
  return { prefix, keys, publish, outcome };
}

describe('a consumer that is told to stop', () => {
  it('keeps the lease of what it still works on, however long, and hands the rest over at once', async () => {
    const { prefix, keys, publish, outcome } = setup();
    const gate = Promise.withResolvers<void>();
    const begunBy: string[] = [];
    const old = await startTestConsumer(settings, prefix, 'old', {
      leaseMs: safeLeaseMs,
      handle: async ({ member }) => {
        begunBy.push(member);
        await gate.promise;
        return { outcome: 'replied' };
      },
    });
    await publish(0);
    await publish(1);
    await eventually(() => begunBy.length === 1);
    await using heir = await startTestConsumer(settings, prefix, 'heir', {
      leaseMs: safeLeaseMs,
      handle: async ({ member }) => {
        begunBy.push(member);
        return { outcome: 'replied' };
      },
    });
    const stopping = old.stop();
    await eventually(() => heir.consumer.held().length === 3);
    const lease = keys.lease(partition, 'graph');
    const firstUntil = Number(await redis.hget(lease, 'until'));
    await eventually(async () => Number(await redis.hget(lease, 'until')) > firstUntil);
    expect(await redis.hget(lease, 'owner')).toBe('old');
    gate.resolve();
    await stopping;
    await eventually(async () => (await outcome(1)) === 'done:replied');
    expect(begunBy).toEqual(['old', 'heir']);
    expect(await outcome(0)).toBe('done:replied');
    expect(await old.count('commits_fenced_total')).toBe(0);
  });
});

describe('a session', () => {
  it('does not wait for a pause that another holder of its partition was asked to make', async () => {
    const { prefix, publish, outcome } = setup();
    // Of two members the other one is to have the partition.
    const [stays = '', comes = ''] = namesWhere(
      (names) => !assignPartitions(names, 4).get(names[0])?.includes(partition),
    );
    const gate = Promise.withResolvers<void>();
    const pause = async () => {
      await gate.promise;
      throw Object.assign(new Error('busy'), { retryAfterMs: 60_000 });
    };
    let begun = 0;
    await using _ = await startTestConsumer(settings, prefix, stays, {
      leaseMs: safeLeaseMs,
      handle: async () => {
        begun += 1;
        return begun === 1 ? pause() : { outcome: 'replied' };
      },
    });
    await publish(0);
    await eventually(() => begun === 1);
    const other = await startTestConsumer(settings, prefix, comes, { leaseMs: safeLeaseMs, handle: pause });
    await eventually(() => other.consumer.held().length > 0);
    gate.resolve();
    await eventually(() => other.consumer.held().includes(partition));
    await other.stop();
    await eventually(async () => (await outcome(0)) === 'done:replied');
  });
});

function namesWhere(isFit: (names: readonly [string, string]) => boolean): readonly [string, string] {
  for (let number = 0; ; number++) {
    const names = [`a${number}`, `b${number}`] as const;
    if (isFit(names)) return names;
  }
}
