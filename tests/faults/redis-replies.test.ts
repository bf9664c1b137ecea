import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { connectRedis } from '#streams/connect-redis';
import type { Delivery } from '#streams/delivery';
import { createPublisher } from '#streams/publish';
import { loadScript } from '#streams/script';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { messageEntry, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const redis = new Redis(url);
afterAll(() => redis.quit());

const session = '!room:localhost:main:@ana:localhost';
const partition = partitionOf(session, 4);
const shaOf = (script: string) =>
  loadScript(new URL(`../../libs/streams/${script}.lua`, import.meta.url)).sha;

/** A consumer behind a proxy, and a publisher that is not; every commit raises a counter. */
async function setup() {
  const proxy = await startTcpProxy(Number(new URL(url).port));
  const prefix = uniquePrefix('replies');
  const keys = createKeys(prefix);
  const publisher = createPublisher({ redis, keys, partitions: 4 });
  const inbound = keys.stream(partition, 'inbound');
  const counter = keys.session(partition, session);
  const begun: string[] = [];
  const handle = async ({ entry }: Delivery) => {
    begun.push(entry.id);
    return {
      outcome: 'replied',
      writes: [{ command: 'HINCRBY' as const, key: counter, args: [entry.id, '1'] }],
    };
  };
  const start = (given: { houseMs?: number; watchdogMs?: number } = {}) =>
    startTestConsumer(redisAt(proxy.url), prefix, `m${proxy.opened()}`, {
      handle,
      houseMs: 60_000,
      leaseMs: 5_000,
      ...given,
    });
  return {
    proxy,
    keys,
    publisher,
    inbound,
    begun,
    start,
    counts: async () => await redis.hgetall(counter),
    publish: (numbers: number[]) =>
      Promise.all(numbers.map((number) => publisher.publish('inbound', messageEntry(number)))),
    isAtRest: async () => {
      const [pending] = await redis.xpending(inbound, 'graph');
      return pending === 0 && (await redis.hlen(keys.accepted(partition))) === 0;
    },
  };
}

function onceEach(numbers: number[]): Record<string, string> {
  return Object.fromEntries(numbers.map((number) => [messageEntry(number).id, '1']));
}

describe('F28 an answer of Redis that gets lost', () => {
  it('after a publish was carried out leads to no second entry', async () => {
    const { proxy, keys, inbound } = await setup();
    await using _ = proxy;
    const lossy = connectRedis(redisAt(proxy.url), { name: 'lossy', onError: () => undefined });
    const publisher = createPublisher({ redis: lossy, keys, partitions: 4 });
    await publisher.publish('inbound', messageEntry(0));
    const isLost = proxy.loseReplyTo(shaOf('publish'));
    const published = await publisher.publish('inbound', messageEntry(1));
    await isLost;
    lossy.disconnect();
    expect(published.isNew).toBe(false);
    const entries = await redis.xrange(inbound, '-', '+');
    expect(entries.map(([id]) => id)).toContain(published.entryId);
    expect(entries.length).toBe(2);
  });

  it.each(['read', 'commit'])('to %s leaves no entry unseen and commits none twice', async (script) => {
    const { proxy, start, publish, counts, isAtRest } = await setup();
    await using _ = proxy;
    await using _worker = await start();
    await publish([0]);
    await eventually(async () => (await counts())[messageEntry(0).id] === '1');
    const isLost = proxy.loseReplyTo(shaOf(script));
    await publish([1, 2, 3]);
    await isLost;
    await publish([4]);
    await eventually(isAtRest);
    expect(await counts()).toEqual(onceEach([0, 1, 2, 3, 4]));
  });

  it('to read lets nothing that is newer overtake what was in it', async () => {
    const { proxy, start, publish, counts, isAtRest, inbound, begun } = await setup();
    await using _ = proxy;
    await using _worker = await start();
    await publish([0]);
    await eventually(async () => (await counts())[messageEntry(0).id] === '1');
    const isLost = proxy.loseReplyTo(shaOf('read'));
    await publish([1]);
    await isLost;
    // The client repeats the command as soon as it can: by then there is something else to read.
    proxy.freeze();
    expect((await redis.xpending(inbound, 'graph'))[0]).toBe(1);
    await publish([2]);
    proxy.thaw();
    await eventually(isAtRest);
    expect(begun).toEqual([0, 1, 2].map((number) => messageEntry(number).id));
  });

  it('to a take-over leaves no entry unseen', async () => {
    const { proxy, start, publish, counts, isAtRest, inbound } = await setup();
    await using _ = proxy;
    await redis.xgroup('CREATE', inbound, 'graph', '0', 'MKSTREAM');
    await publish([0, 1]);
    await redis.xreadgroup('GROUP', 'graph', 'gone', 'STREAMS', inbound, '>');
    // The server must know the script by its digest, or the lost answer would be that it does not.
    await redis.script('LOAD', loadScript(new URL('../../libs/streams/take.lua', import.meta.url)).source);
    const isLost = proxy.loseReplyTo(shaOf('take'));
    await using _worker = await start();
    await isLost;
    await eventually(isAtRest);
    expect(await counts()).toEqual(onceEach([0, 1]));
  });

  it('to a reconciliation leaves no restored entry unseen', async () => {
    const { proxy, start, publish, counts, isAtRest, inbound } = await setup();
    await using _ = proxy;
    await using worker = await start({ houseMs: 200 });
    await publish([0]);
    await eventually(async () => (await counts())[messageEntry(0).id] === '1');
    await worker.stop();
    await publish([1, 2]);
    await redis.xreadgroup('GROUP', 'graph', 'gone', 'STREAMS', inbound, '>');
    await redis.xgroup('DELCONSUMER', inbound, 'graph', 'gone');
    const isLost = proxy.loseReplyTo(shaOf('reconcile'));
    await using _worker = await start({ houseMs: 200 });
    await isLost;
    await eventually(isAtRest);
    expect(await counts()).toEqual(onceEach([0, 1, 2]));
  });

  it('again and again, with cut connections in between, loses and doubles nothing', async () => {
    const { proxy, start, publish, counts, isAtRest } = await setup();
    await using _ = proxy;
    await using _worker = await start();
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    for (const number of numbers) {
      if (number % 5 === 1) void proxy.loseReplyTo(shaOf(number % 2 === 1 ? 'read' : 'commit'));
      if (number % 13 === 12) proxy.cut();
      await publish([number]);
      await eventually(async () => (await counts())[messageEntry(number).id] !== undefined);
    }
    await eventually(isAtRest);
    expect(await counts()).toEqual(onceEach(numbers));
  });
});

describe('F27 a peer that falls silent', () => {
  it('is noticed by the watchdog, and the work goes on over a new connection', async () => {
    const { proxy, start, publish, counts, isAtRest } = await setup();
    await using _ = proxy;
    await using _worker = await start({ watchdogMs: 1_000 });
    await publish([0]);
    await eventually(isAtRest);
    const before = proxy.opened();
    proxy.freeze();
    await publish([1, 2]);
    await eventually(() => proxy.opened() > before);
    proxy.thaw();
    await eventually(isAtRest);
    expect(await counts()).toEqual(onceEach([0, 1, 2]));
  });
});
