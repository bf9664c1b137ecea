import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { createPublisher } from '#streams/publish';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const settings = redisAt(url);
const redis = new Redis(url);
afterAll(() => redis.quit());

function setup() {
  const prefix = uniquePrefix('consumer');
  const keys = createKeys(prefix);
  return { prefix, keys, publisher: createPublisher({ redis, keys, partitions: 4 }) };
}

const session = '!room:localhost:main:@ana:localhost';

describe('a consumer', () => {
  it('runs each published entry once, in order within its session', async () => {
    const { prefix, keys, publisher } = setup();
    const seen: string[] = [];
    await using _ = await startTestConsumer(settings, prefix, 'a', {
      handle: async ({ entry }) => {
        seen.push(entry.id);
        return { outcome: 'replied' };
      },
    });
    const entries = Array.from({ length: 50 }, (_, number) => messageEntry(number));
    for (const entry of entries) {
      expect(await publisher.publish('inbound', entry)).toMatchObject({ isNew: true });
      expect(await publisher.publish('inbound', entry)).toMatchObject({ isNew: false });
    }
    await eventually(() => seen.length >= 50);
    expect(seen).toEqual(entries.map(({ id }) => id));
    const partition = partitionOf(session, 4);
    await eventually(async () => (await redis.xpending(keys.stream(partition, 'inbound'), 'graph'))[0] === 0);
    expect(await redis.hlen(keys.accepted(partition))).toBe(0);
    expect(await redis.get(keys.fact(partition, entries[0]?.id ?? ''))).toBe('done:replied');
  });

  it('I3: appends what a commit says in the order in which it was said', async () => {
    const { prefix, keys, publisher } = setup();
    const body = { state: 'idle', replyTo: null, text: '', approval: null } as const;
    const names = ['first', 'second', 'third'];
    await using _ = await startTestConsumer(settings, prefix, 'a', {
      handle: async ({ entry: { session: of, at } }) => ({
        outputs: names.map((id) => ({
          stream: 'outbound',
          entry: { type: 'turn.status', id, session: of, at, body },
        })),
      }),
    });
    await publisher.publish('inbound', messageEntry(0));
    const outbound = keys.stream(partitionOf(session, 4), 'outbound');
    await eventually(async () => (await redis.xlen(outbound)) > 0);
    const entries = await redis.xrange(outbound, '-', '+');
    expect(entries.map(([, fields]) => fields[fields.indexOf('id') + 1])).toEqual(names);
  });

  it('tries a failing entry again with backoff and buries it after the last attempt, bytes and all', async () => {
    const { prefix, keys, publisher } = setup();
    let attempts = 0;
    await using _ = await startTestConsumer(settings, prefix, 'a', {
      maxAttempts: 3,
      handle: async ({ attempt, entry }) => {
        if (entry.type === 'message.received' && entry.body.text === 'message 1')
          return { outcome: 'replied' };
        attempts = attempt;
        throw new Error('poison');
      },
    });
    await publisher.publish('inbound', messageEntry(0));
    await publisher.publish('inbound', messageEntry(1));
    const partition = partitionOf(session, 4);
    const dead = await eventually(async () => {
      const found = await redis.xrange(keys.stream(partition, 'dead'), '-', '+');
      return found.length > 0 && found;
    });
    expect(attempts).toBe(3);
    expect(dead[0]?.[1]).toEqual(
      expect.arrayContaining(['reason', 'Error: poison', 'attempts', '3', `$event-0-${session}`]),
    );
    await eventually(
      async () => (await redis.get(keys.fact(partition, messageEntry(1).id))) === 'done:replied',
    );
  });

  it('buries entries written by hand that nobody can read, and goes on', async () => {
    const { prefix, keys, publisher } = setup();
    const seen: string[] = [];
    await using _ = await startTestConsumer(settings, prefix, 'a', {
      unknownMs: 0,
      maxEntryBytes: 1_000,
      handle: async ({ entry }) => {
        seen.push(entry.id);
        return {};
      },
    });
    const stream = keys.stream(partitionOf(session, 4), 'inbound');
    const binary = Buffer.from([0xff, 0x00, 0xfe, 0x80]);
    await redis.xadd(stream, '*', 'just', 'anything');
    await redis.xadd(stream, '*', binary, binary);
    await redis.xadd(stream, '*', '__proto__', 'x', 'v', '1');
    await redis.xadd(stream, '*', 'v', '1', 'body', 'x'.repeat(2_000));
    await redis.xadd(stream, '*', 'v', '99', 'type', 'message.received');
    await publisher.publish('inbound', messageEntry(7));
    await eventually(() => seen.length === 1);
    const dead = await eventually(async () => {
      const found = await redis.xrangeBuffer(keys.stream(partitionOf(session, 4), 'dead'), '-', '+');
      return found.length === 5 && found;
    });
    expect(dead[1]?.[1][0]).toEqual(binary);
    expect(dead.map(([, fields]) => fields.map(String)[fields.map(String).indexOf('reason') + 1])).toEqual([
      expect.stringContaining('unreadable'),
      expect.stringContaining('unreadable'),
      expect.stringContaining('unreadable'),
      expect.stringContaining('too large'),
      expect.stringContaining('unknown contract version 99'),
    ]);
  });

  it('shares the partitions with a second member and hands them back when that one leaves', async () => {
    const { prefix } = setup();
    await using a = await startTestConsumer(settings, prefix, 'a', { handle: async () => ({}) });
    expect(a.consumer.held()).toEqual([0, 1, 2, 3]);
    const b = await startTestConsumer(settings, prefix, 'b', { handle: async () => ({}) });
    await eventually(() => a.consumer.held().length === 2 && b.consumer.held().length === 2);
    await b.stop();
    await eventually(() => a.consumer.held().length === 4);
  });
});
