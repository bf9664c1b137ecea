import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import type { Entry } from '#contract/entry';
import { createKeys } from '#contract/keys';
import { assignPartitions } from '#streams/assign-partitions';
import type { Delivery } from '#streams/delivery';
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
  const prefix = uniquePrefix('order');
  const keys = createKeys(prefix);
  return { prefix, keys, publisher: createPublisher({ redis, keys, partitions: 4 }) };
}

function range(length: number): number[] {
  return Array.from({ length }, (_, number) => number);
}

function textOf(entry: Entry): string {
  return entry.type === 'message.received' ? entry.body.text : '';
}

describe('order', () => {
  it('F46 of 1,000 entries of one session stays as it was while consumers come and go', async () => {
    const { prefix, keys, publisher } = setup();
    const list = keys.session(partition, 'list');
    const handle = async ({ entry }: Delivery) => {
      await turn();
      return { writes: [{ command: 'RPUSH' as const, key: list, args: [textOf(entry)] }] };
    };
    const start = (member: string) => startTestConsumer(settings, prefix, member, { handle, leaseMs: 300 });
    const published = range(1_000)
      .map((number) => messageEntry(number))
      .map((entry) => publisher.publish('inbound', entry));
    await Promise.all(published);
    let live = [await start('m0')];
    for (let round = 1; (await redis.llen(list)) < 1_000; round++) {
      live.push(await start(`m${round}`));
      await turn();
      if (live.length > 2) await live.shift()?.stop();
      if (round > 100) break;
    }
    await eventually(async () => (await redis.llen(list)) === 1_000, { withinMs: 20_000 });
    for (const worker of live) await worker.stop();
    live = [];
    expect(await redis.lrange(list, 0, -1)).toEqual(range(1_000).map((number) => `message ${number}`));
  });

  it('I3: is kept by who takes over what another one has read and not finished', async () => {
    const { prefix, keys, publisher } = setup();
    const inbound = keys.stream(partition, 'inbound');
    for (const number of range(5)) await publisher.publish('inbound', messageEntry(number));
    await redis.xgroup('CREATE', inbound, 'graph', '0');
    await redis.xreadgroup('GROUP', 'graph', 'gone', 'STREAMS', inbound, '>');
    const seen: string[] = [];
    const handle = async ({ entry }: Delivery) => ({ onEnd: () => void seen.push(textOf(entry)) });
    await using _ = await startTestConsumer(settings, prefix, 'heir', { handle });
    await eventually(() => seen.length === 5);
    expect(seen).toEqual(range(5).map((number) => `message ${number}`));
  });

  it('is kept in each lane of each stream by two consumers of two streams', async () => {
    const entries = fc.array(
      fc.record({
        stream: fc.constantFrom('outbound', 'approvals'),
        room: fc.nat({ max: 3 }),
        user: fc.nat({ max: 3 }),
      }),
      { minLength: 20, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(entries, async (given) => {
        const { prefix, publisher } = setup();
        const seen: { lane: string; number: number; stream: string }[] = [];
        const running = new Set<string>();
        const roomOf = (entry: Entry) => entry.session.split(':', 1)[0] ?? '';
        const handle = async ({ entry, stream, partition: place }: Delivery) => {
          const lane = `${place} ${roomOf(entry)}`;
          expect(running.has(lane)).toBe(false);
          running.add(lane);
          await turn();
          running.delete(lane);
          return { onEnd: () => void seen.push({ lane, number: Number(entry.id), stream }) };
        };
        const options = {
          handle,
          group: 'egress',
          streams: ['outbound', 'approvals'],
          laneOf: roomOf,
        } as const;
        await using _a = await startTestConsumer(settings, prefix, 'a', options);
        for (const [number, { stream, room, user }] of given.entries()) {
          const common = {
            id: String(number),
            session: `!r${room}:a:main:@u${user}:a`,
            at: new Date().toISOString(),
          };
          if (stream === 'outbound') {
            const body = { state: 'idle', replyTo: null, text: '', approval: null } as const;
            await publisher.publish('outbound', { ...common, type: 'turn.status', body });
          } else {
            const approval = '0'.repeat(20);
            const quiet = { status: null, by: [], text: '', replyTo: null };
            const body = { approval, notice: 'unknown' as const, ...quiet };
            await publisher.publish('approvals', { ...common, type: 'approval.resolved', body });
          }
        }
        await using _b = await startTestConsumer(settings, prefix, 'b', options);
        await eventually(() => seen.length >= given.length);
        expect(seen.length).toBe(given.length);
        for (const place of new Set(seen.map(({ lane, stream }) => `${lane} ${stream}`))) {
          const numbers = seen
            .filter(({ lane, stream }) => `${lane} ${stream}` === place)
            .map(({ number }) => number);
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 5 },
    );
  });

  it('is kept when a partition that was to be handed over stays after all', async () => {
    const { prefix, publisher } = setup();
    const owner = (members: string[]) =>
      [...assignPartitions(members, 4)].find(([, own]) => own.includes(partition))?.[0];
    const other =
      range(100)
        .map((number) => `b${number}`)
        .find((name) => owner(['a', name]) === name) ?? 'b';
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    const handle = async ({ entry }: Delivery) => {
      seen.push(textOf(entry));
      await gate.promise;
      return {};
    };
    await using a = await startTestConsumer(settings, prefix, 'a', { handle, leaseMs: safeLeaseMs });
    for (const number of range(5)) await publisher.publish('inbound', messageEntry(number));
    await eventually(() => seen.length === 1);
    const b = await startTestConsumer(settings, prefix, other, { handle, leaseMs: safeLeaseMs });
    await eventually(() => a.consumer.held().length < 4);
    expect(a.consumer.held()).toContain(partition);
    await b.stop();
    await eventually(() => a.consumer.held().length === 4);
    gate.resolve();
    await eventually(() => seen.length === 5);
    expect(seen).toEqual(range(5).map((number) => `message ${number}`));
  });

  it('F21 and attempts are not disturbed by a rolling restart of consumers that have nothing to do', async () => {
    const { prefix, publisher, keys } = setup();
    const attempts: string[] = [];
    const handle = async ({ entry, attempt, isRedelivered }: Delivery) => ({
      onEnd: () => void attempts.push(`${textOf(entry)} ${attempt} ${isRedelivered}`),
    });
    const start = (member: string) =>
      startTestConsumer(settings, prefix, member, { handle, leaseMs: safeLeaseMs });
    let live = [await start('a0'), await start('b0')];
    for (const round of range(4)) {
      await publisher.publish('inbound', messageEntry(round));
      await eventually(
        async () => (await redis.xpending(keys.stream(partition, 'inbound'), 'graph'))[0] === 0,
      );
      const next = [await start(`a${round + 1}`), await start(`b${round + 1}`)];
      for (const worker of live) await worker.stop();
      live = next;
    }
    await eventually(() => attempts.length === 4);
    expect(attempts).toEqual(range(4).map((number) => `message ${number} 1 false`));
    for (const worker of live) await worker.stop();
  });
});

describe('fairness', () => {
  /** Publishes the hot entries first, runs everything in 8 lanes, and returns how many had ended when. */
  async function run(
    hot: Entry[],
    cold: Entry[],
    shareOf: (entry: Entry) => string,
  ): Promise<{ lastCold: number }> {
    const { prefix, publisher } = setup();
    const done: string[] = [];
    const handle = async ({ entry }: Delivery) => ({ onEnd: () => void done.push(entry.session) });
    await Promise.all([...hot, ...cold].map((entry) => publisher.publish('inbound', entry)));
    await using _ = await startTestConsumer(settings, prefix, 'a', { handle, concurrency: 8, shareOf });
    await eventually(() => done.length === hot.length + cold.length, { withinMs: 25_000 });
    const isCold = new Set(cold.map((entry) => entry.session));
    return { lastCold: done.findLastIndex((name) => isCold.has(name)) };
  }
  const cold = range(100).map((user) => messageEntry(user, { session: `!cold${user}:a:main:@u${user}:a` }));

  it('F55 lets 100 quiet sessions finish long before one that has 5,000 entries', async () => {
    const hot = range(5_000).map((number) => messageEntry(number));
    const { lastCold } = await run(hot, cold, (entry) => entry.session);
    expect(lastCold).toBeLessThan(2_000);
  });

  it('F55 lets 100 quiet rooms finish long before a room in which 400 people write', async () => {
    const hot = range(2_000).map((number) =>
      messageEntry(number, { session: `!hot:a:main:@u${number % 400}:a` }),
    );
    const { lastCold } = await run(hot, cold, (entry) => entry.session.split(':', 1)[0] ?? '');
    expect(lastCold).toBeLessThan(1_000);
  });
});
