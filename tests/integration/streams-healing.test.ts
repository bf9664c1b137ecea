import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, describe, expect, inject, it } from 'vitest';
import type { Entry } from '#contract/entry';
import { createKeys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { Output } from '#streams/commit';
import { createPublisher } from '#streams/publish';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { messageEntry, partition, session, startTestConsumer } from '../support/test-consumer.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const url = inject('redisUrl');
const settings = redisAt(url);
const redis = new Redis(url);
afterAll(() => redis.quit());

function setup() {
  const prefix = uniquePrefix('healing');
  const keys = createKeys(prefix);
  const publisher = createPublisher({ redis, keys, partitions: 4 });
  const publish = async (numbers: number[]) => {
    const ids: string[] = [];
    for (const number of numbers)
      ids.push((await publisher.publish('inbound', messageEntry(number))).entryId);
    return ids;
  };
  return {
    prefix,
    keys,
    publisher,
    publish,
    inbound: keys.stream(partition, 'inbound'),
    dead: keys.stream(partition, 'dead'),
  };
}

/** A handler that writes down what it has seen, and waits at the gate where there is one. */
function record() {
  const seen: string[] = [];
  const done: string[] = [];
  const gates = new Map<string, Promise<void>>();
  const textOf = (text: string) => Number(text.replace('message ', ''));
  return {
    seen,
    done,
    gates,
    numbers: () => done.map(textOf),
    handle: async ({ entry }: { entry: ReturnType<typeof messageEntry> }) => {
      const text = entry.type === 'message.received' ? entry.body.text : '';
      seen.push(text);
      await gates.get(text);
      return { outcome: 'replied', onEnd: (isWritten: boolean) => void (isWritten && done.push(text)) };
    },
  };
}

/** What a turn leaves behind that failed. */
function failureOf(entry: Entry): Output {
  const body = { replyTo: null, reason: 'r', text: 't' };
  return { stream: 'outbound', entry: { ...entry, type: 'turn.failed', turn: entry.id, body } };
}

describe('a consumer whose Redis is touched by hand', () => {
  it('F38 restores entries that XGROUP DELCONSUMER dropped while nobody held them', async () => {
    const { prefix, keys, publish, inbound } = setup();
    await redis.xgroup('CREATE', inbound, 'graph', '0', 'MKSTREAM');
    await publish([0, 1, 2]);
    await redis.xreadgroup('GROUP', 'graph', 'gone', 'STREAMS', inbound, '>');
    await redis.xgroup('DELCONSUMER', inbound, 'graph', 'gone');
    const { handle, numbers } = record();
    await using worker = await startTestConsumer(settings, prefix, 'a', { handle, houseMs: 50 });
    await eventually(() => numbers().length === 3);
    expect(numbers()).toEqual([0, 1, 2]);
    expect(await worker.count('entries_restored_total')).toBe(3);
    expect(await redis.hlen(keys.accepted(partition))).toBe(0);
  });

  it('F38 finishes what it has in hand, in order, though DELCONSUMER dropped it meanwhile', async () => {
    const { prefix, publish, inbound } = setup();
    const { handle, numbers, seen, gates } = record();
    const gate = Promise.withResolvers<void>();
    gates.set('message 0', gate.promise);
    await using worker = await startTestConsumer(settings, prefix, 'a', { handle, houseMs: 60_000 });
    await publish([0, 1, 2]);
    await eventually(async () => (await redis.xpending(inbound, 'graph'))[0] === 3 && seen.length === 1);
    await redis.xgroup('DELCONSUMER', inbound, 'graph', 'a');
    await publish([3]);
    gate.resolve();
    await eventually(() => numbers().length === 4);
    expect(numbers()).toEqual([0, 1, 2, 3]);
    expect(seen.length).toBe(4);
    expect(await worker.count('commits_gone_total')).toBe(0);
  });

  it('F34 makes a dead letter of each entry that XTRIM took before it was read, and says which', async () => {
    const { prefix, keys, publish, inbound, dead } = setup();
    const ids = await publish([0, 1, 2]);
    await redis.xtrim(inbound, 'MAXLEN', 1);
    const { handle, numbers } = record();
    const lost: string[] = [];
    await using worker = await startTestConsumer(settings, prefix, 'a', {
      handle,
      houseMs: 50,
      onLost: ({ entryId, session: whose }) => lost.push(`${entryId} ${whose}`),
    });
    await eventually(() => numbers().length === 1 && lost.length === 2);
    expect(lost.sort()).toEqual(ids.slice(0, 2).map((id) => `${id} ${session}`));
    expect(await worker.count('entries_lost_total')).toBe(2);
    const letters = await redis.xrange(dead, '-', '+');
    expect(letters.map(([, fields]) => fields[fields.indexOf('entry') + 1]).sort()).toEqual(ids.slice(0, 2));
    expect(await redis.hlen(keys.accepted(partition))).toBe(0);
  });

  it('F34 makes a dead letter of each entry that XDEL took while it was pending', async () => {
    const { prefix, keys, publish, inbound, dead } = setup();
    await redis.xgroup('CREATE', inbound, 'graph', '0', 'MKSTREAM');
    const [first = '', second = ''] = await publish([0, 1]);
    await redis.xreadgroup('GROUP', 'graph', 'gone', 'STREAMS', inbound, '>');
    await redis.xdel(inbound, first);
    const { handle, numbers } = record();
    const lost: string[] = [];
    await using worker = await startTestConsumer(settings, prefix, 'a', {
      handle,
      onLost: ({ entryId }) => lost.push(entryId),
    });
    await eventually(() => numbers().length === 1 && lost.length === 1);
    expect([lost, numbers()]).toEqual([[first], [1]]);
    expect(await worker.count('entries_lost_total')).toBe(1);
    expect(await redis.xlen(dead)).toBe(1);
    expect(await redis.hexists(keys.accepted(partition), second)).toBe(0);
  });

  it('F35 makes the group anew after XGROUP DESTROY and runs nothing twice that was finished', async () => {
    const { prefix, publish, inbound } = setup();
    const { handle, numbers, seen } = record();
    await using worker = await startTestConsumer(settings, prefix, 'a', { handle, houseMs: 50 });
    await publish([0, 1]);
    await eventually(() => numbers().length === 2);
    await redis.xgroup('DESTROY', inbound, 'graph');
    await eventually(async () => (await worker.count('groups_created_total')) === 1);
    await publish([2]);
    await eventually(() => numbers().length === 3);
    expect(seen).toEqual(['message 0', 'message 1', 'message 2']);
    await eventually(async () => (await redis.xpending(inbound, 'graph'))[0] === 0);
  });

  it('F35 finds entries that were pending when the group was destroyed, without further news', async () => {
    const { prefix, publish, inbound } = setup();
    const { handle, numbers, gates, seen } = record();
    const gate = Promise.withResolvers<void>();
    gates.set('message 0', gate.promise);
    await using _ = await startTestConsumer(settings, prefix, 'a', { handle, houseMs: 50 });
    await publish([0, 1]);
    await eventually(() => seen.length === 1);
    await redis.xgroup('DESTROY', inbound, 'graph');
    gate.resolve();
    await eventually(() => numbers().length === 2);
    expect(numbers()).toEqual([0, 1]);
    await eventually(async () => (await redis.xpending(inbound, 'graph'))[0] === 0);
  });

  it('F39 reads what was published before there was a group, also where no ledger would tell', async () => {
    const { prefix, keys, publisher } = setup();
    await publisher.publish('outbound', messageEntry(0));
    await publisher.publish('outbound', messageEntry(1));
    const { handle, numbers } = record();
    const options = { handle, group: 'egress', streams: ['outbound'], houseMs: 50 } as const;
    await using _ = await startTestConsumer(settings, prefix, 'a', options);
    await eventually(() => numbers().length === 2);
    expect(numbers()).toEqual([0, 1]);
    const outbound = keys.stream(partition, 'outbound');
    await eventually(async () => (await redis.xpending(outbound, 'egress'))[0] === 0);
  });

  it('F39 reads what was published while a group was gone, also where no ledger would tell', async () => {
    const { prefix, keys, publisher } = setup();
    const outbound = keys.stream(partition, 'outbound');
    const { handle, numbers } = record();
    const options = { handle, group: 'egress', streams: ['outbound'], houseMs: 50 } as const;
    await using worker = await startTestConsumer(settings, prefix, 'a', options);
    await publisher.publish('outbound', messageEntry(0));
    await eventually(() => numbers().length === 1);
    const [[, fields] = []] = await redis.xrange(outbound, '-', '+');
    const another = (fields ?? []).map((field) => field.replace('message 0', 'message 1'));
    // In one step: the reader never finds the group gone and nothing new.
    await redis
      .multi()
      .xgroup('DESTROY', outbound, 'egress')
      .xadd(outbound, '*', ...another)
      .exec();
    await eventually(() => numbers().includes(1));
    expect(await worker.count('groups_created_total')).toBe(1);
    await eventually(async () => (await redis.xpending(outbound, 'egress'))[0] === 0);
  });

  it('F35 goes on after the stream was deleted while it worked', async () => {
    const { prefix, keys, publish, inbound } = setup();
    const { handle, numbers, gates, seen } = record();
    const gate = Promise.withResolvers<void>();
    gates.set('message 0', gate.promise);
    const lost: string[] = [];
    await using _ = await startTestConsumer(settings, prefix, 'a', {
      handle,
      houseMs: 50,
      onLost: ({ entryId }) => lost.push(entryId),
    });
    const [first] = await publish([0]);
    await eventually(() => seen.length === 1);
    await redis.del(inbound);
    await eventually(() => lost.length === 1);
    gate.resolve();
    await publish([1]);
    await eventually(() => numbers().length === 1);
    expect([lost, numbers()]).toEqual([[first], [1]]);
    expect(await redis.hlen(keys.accepted(partition))).toBe(0);
  });

  it('F36 goes on with the other partitions when a stream key holds something else, and recovers', async () => {
    const { prefix, keys, inbound } = setup();
    const lines: string[] = [];
    let beats = 0;
    const { handle, numbers } = record();
    await redis.set(inbound, 'not a stream');
    const logged = { write: (line: string) => void lines.push(line) };
    await using worker = await startTestConsumer(settings, prefix, 'a', {
      handle,
      houseMs: 50,
      log: pino({ level: 'error' }, logged),
      beat: () => {
        beats += 1;
      },
    });
    const other = '!room:localhost:main:@bob:localhost';
    expect(partitionOf(other, 4)).not.toBe(partition);
    const publisher = createPublisher({ redis, keys, partitions: 4 });
    await publisher.publish('inbound', messageEntry(5, { session: other }));
    await eventually(() => numbers().length === 1);
    await expect(publisher.publish('inbound', messageEntry(6))).rejects.toThrow('WRONGTYPE');
    expect(await worker.count('streams_blocked')).toBe(1);
    const before = beats;
    await eventually(() => beats > before + 1);
    expect(lines.filter((line) => line.includes(inbound) && line.includes('RENAME')).length).toBe(1);
    await redis.rename(inbound, `${inbound}-aside`);
    await publisher.publish('inbound', messageEntry(7));
    await eventually(() => numbers().length === 2);
    expect(await worker.count('streams_blocked')).toBe(0);
  });

  it('F36 writes nothing of a commit when one of its keys holds something else', async () => {
    const { prefix, keys, publish, inbound } = setup();
    const wrong = keys.session(partition, session);
    await redis.set(wrong, 'not a hash');
    let tries = 0;
    await using _ = await startTestConsumer(settings, prefix, 'a', {
      maxAttempts: 2,
      handle: async ({ entry }) => {
        tries += 1;
        return {
          outputs: [failureOf(entry)],
          writes: [
            { command: 'RPUSH', key: keys.store(partition), args: ['x'] },
            { command: 'HSET', key: wrong, args: ['a', '1'] },
          ],
        };
      },
    });
    await publish([0]);
    await eventually(() => tries >= 4);
    expect(await redis.xlen(keys.stream(partition, 'outbound'))).toBe(0);
    expect(await redis.llen(keys.store(partition))).toBe(0);
    await redis.del(wrong);
    await eventually(async () => (await redis.xpending(inbound, 'graph'))[0] === 0);
    expect(await redis.xlen(keys.stream(partition, 'outbound'))).toBe(1);
    expect(await redis.hget(wrong, 'a')).toBe('1');
    expect(await redis.xlen(keys.stream(partition, 'dead'))).toBe(0);
  });

  it('F36 writes nothing of a commit when it is the first of its keys that holds something else', async () => {
    const { prefix, keys, publish, inbound } = setup();
    const wrong = keys.stream(partition, 'outbound');
    await redis.set(wrong, 'not a stream');
    let tries = 0;
    await using _ = await startTestConsumer(settings, prefix, 'a', {
      maxAttempts: 2,
      handle: async ({ entry }) => {
        tries += 1;
        return {
          outputs: [failureOf(entry)],
          writes: [{ command: 'RPUSH', key: keys.store(partition), args: ['x'] }],
        };
      },
    });
    const [entryId = ''] = await publish([0]);
    await eventually(() => tries >= 4);
    expect(await redis.get(wrong)).toBe('not a stream');
    expect(await redis.llen(keys.store(partition))).toBe(0);
    expect(await redis.hget(keys.accepted(partition), entryId)).toBe(session);
    expect((await redis.xpending(inbound, 'graph'))[0]).toBe(1);
    await redis.del(wrong);
    await eventually(async () => (await redis.xpending(inbound, 'graph'))[0] === 0);
    expect(await redis.xlen(wrong)).toBe(1);
    expect(await redis.llen(keys.store(partition))).toBe(1);
    expect(await redis.xlen(keys.stream(partition, 'dead'))).toBe(0);
  });
});
