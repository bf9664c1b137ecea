import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { createPublisher } from '#streams/publish';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startRedis } from '../support/start-redis.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const session = '!room:localhost:main:@ana:localhost';
const partition = partitionOf(session, 4);

async function setup() {
  const prefix = uniquePrefix('malformed');
  const keys = createKeys(prefix);
  const inbound = keys.stream(partition, 'inbound');
  const dead = keys.stream(partition, 'dead');
  const publisher = createPublisher({ redis, keys, partitions: 4 });
  const seen: string[] = [];
  const worker = await startTestConsumer(redisAt(url), prefix, 'a', {
    unknownMs: 0,
    handle: async ({ entry }) => {
      seen.push(entry.id);
      return {};
    },
  });
  let good = 0;
  return {
    inbound,
    worker,
    /** Publishes a good entry behind the bad ones and waits until all have ended; returns the dead letters. */
    settle: async (bad: number): Promise<[id: string, fields: Buffer[]][]> => {
      const entry = messageEntry(good++);
      await publisher.publish('inbound', entry);
      await eventually(() => seen.at(-1) === entry.id);
      await eventually(async () => (await redis.xpending(inbound, 'graph'))[0] === 0);
      await eventually(async () => (await redis.xlen(dead)) === bad);
      const letters = await redis.xrangeBuffer(dead, '-', '+');
      await redis.del(dead);
      return letters.map(([id, fields]): [string, Buffer[]] => [String(id), fields]);
    },
  };
}

function fieldOf(fields: readonly Buffer[], name: string): string {
  return String(
    fields[fields.findLastIndex((field, index) => index % 2 === 0 && String(field) === name) + 1],
  );
}

describe('entries written by hand', () => {
  it('F50 of any fields and bytes become dead letters with every byte, and stop nothing', async () => {
    const stage = await setup();
    await using _ = stage.worker;
    const name = fc.oneof(
      fc.constantFrom(
        'v',
        'type',
        'id',
        'session',
        'at',
        'body',
        '__proto__',
        'constructor',
        'reason',
        'entry',
        '',
      ),
      fc.uint8Array({ maxLength: 8 }),
    );
    const value = fc.oneof(
      fc.constantFrom('1', '2', 'message.received', session, '{}', 'null', '[[', '2026-01-01T00:00:00.000Z'),
      fc.uint8Array({ maxLength: 40 }),
    );
    const fields = fc
      .array(fc.tuple(name, value), { minLength: 1, maxLength: 10 })
      .map((pairs) => pairs.flat().map((part) => Buffer.from(part)));
    await fc.assert(
      fc.asyncProperty(fc.array(fields, { minLength: 1, maxLength: 8 }), async (entries) => {
        const ids = await Promise.all(entries.map((entry) => redis.xadd(stage.inbound, '*', ...entry)));
        const letters = await stage.settle(entries.length);
        for (const [index, entry] of entries.entries()) {
          const letter = letters.find(([, found]) => fieldOf(found, 'entry') === ids[index]);
          expect(letter?.[1].slice(0, entry.length)).toEqual(entry);
        }
        for (const [, found] of letters) expect(fieldOf(found, 'reason')).toMatch(/^(unreadable|unknown)/);
      }),
      { numRuns: 40 },
    );
    expect(await stage.worker.count('consumer_redis_errors_total')).toBe(0);
  });

  it('F50 of 10,000 fields, of a field twice, and without a group are given up one by one', async () => {
    const stage = await setup();
    await using _ = stage.worker;
    const many = Array.from({ length: 10_000 }, (_, field) => [`field${field}`, 'x']).flat();
    await redis.xadd(stage.inbound, '*', ...many);
    await redis.xadd(stage.inbound, '*', 'v', '1', 'v', '1');
    const letters = await stage.settle(2);
    const packed = letters.find(([, fields]) => String(fields[0]) === 'packed');
    expect(packed?.[1][1]?.includes('field9999')).toBe(true);
    expect(letters.map(([, fields]) => fieldOf(fields, 'reason'))).toEqual(
      expect.arrayContaining([expect.stringContaining('field "v" occurs twice')]),
    );
  });

  it('F51 of 50 MB are given up unread, with their size in the reason', async () => {
    const stage = await setup();
    await using _ = stage.worker;
    const bytes = 50 * 1024 * 1024;
    await redis.xadd(stage.inbound, '*', 'body', Buffer.alloc(bytes, 'x'));
    const [letter] = await stage.settle(1);
    expect(fieldOf(letter?.[1] ?? [], 'reason')).toContain(`too large: ${bytes + 4} bytes`);
    expect(letter?.[1][1]?.length).toBe(bytes);
  });
});

describe('a Redis that is emptied', () => {
  it('F35 by FLUSHALL is set up anew while the consumer works, without a crash loop', async () => {
    await using server = await startRedis();
    const admin = new Redis(server.url);
    const keys = createKeys('flushed');
    const publisher = createPublisher({ redis: admin, keys, partitions: 4 });
    const seen: string[] = [];
    await using worker = await startTestConsumer(redisAt(server.url), 'flushed', 'a', {
      handle: async ({ entry }) => ({ onEnd: () => void seen.push(entry.id) }),
      leaseMs: 600,
      houseMs: 200,
    });
    for (let round = 0; round < 3; round++) {
      await publisher.publish('inbound', messageEntry(round));
      await eventually(() => seen.length === round + 1);
      await admin.flushall();
    }
    await publisher.publish('inbound', messageEntry(9));
    await eventually(() => seen.length === 4);
    await eventually(() => worker.consumer.held().length === 4);
    expect(await worker.count('dead_letters_total')).toBe(0);
    expect(await worker.count('consumer_redis_errors_total')).toBeLessThan(20);
    admin.disconnect();
  });
});
