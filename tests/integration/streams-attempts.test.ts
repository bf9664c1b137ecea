import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createKeys } from '#contract/keys';
import type { Delivery } from '#streams/delivery';
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
  const prefix = uniquePrefix('attempts');
  const keys = createKeys(prefix);
  const publisher = createPublisher({ redis, keys, partitions: 4 });
  const inbound = keys.stream(partition, 'inbound');
  return {
    prefix,
    keys,
    inbound,
    publish: (number: number, of = session) =>
      publisher.publish('inbound', messageEntry(number, { session: of })),
    /** Reads everything in the name of a consumer that is no more. */
    readByGone: () => redis.xreadgroup('GROUP', 'graph', 'gone', 'STREAMS', inbound, '>'),
    deadReasons: async () => {
      const letters = await redis.xrange(keys.stream(partition, 'dead'), '-', '+');
      return letters.map(([, fields]) => fields[fields.indexOf('reason') + 1] ?? '');
    },
    isAtRest: async () => {
      const [pending] = await redis.xpending(inbound, 'graph');
      return pending === 0 && (await redis.hlen(keys.accepted(partition))) === 0;
    },
  };
}

class AskedToWait extends Error {
  readonly retryAfterMs: number;

  constructor(retryAfterMs = 1) {
    super('busy');
    this.retryAfterMs = retryAfterMs;
  }
}

describe('attempts', () => {
  it('F60 are not burnt by waiting when asked to, neither before nor after a takeover', async () => {
    for (const isTakenOver of [false, true]) {
      const { prefix, inbound, publish, readByGone, isAtRest, deadReasons } = setup();
      await redis.xgroup('CREATE', inbound, 'graph', '0', 'MKSTREAM');
      await publish(0);
      if (isTakenOver) await readByGone();
      const attempts: number[] = [];
      const handle = async ({ attempt }: Delivery) => {
        attempts.push(attempt);
        if (attempts.length <= 10) throw new AskedToWait();
        return {};
      };
      await using _ = await startTestConsumer(settings, prefix, 'a', { handle, maxAttempts: 3 });
      await eventually(isAtRest);
      expect(new Set(attempts)).toEqual(new Set([isTakenOver ? 2 : 1]));
      expect(attempts.length).toBe(11);
      expect(await deadReasons()).toEqual([]);
    }
  });

  it('F60 are not made over and over where somebody asks for more than a timer can hold', async () => {
    const { prefix, publish } = setup();
    const quick = '!quick:localhost:main:@ben:localhost';
    let [asked, finished] = [0, 0];
    const handle = async ({ entry }: Delivery) => {
      if (entry.session !== quick) {
        asked += 1;
        throw new AskedToWait(2 ** 40);
      }
      finished += 1;
      return {};
    };
    await using _ = await startTestConsumer(settings, prefix, 'a', { handle });
    await publish(0);
    await eventually(() => asked > 0);
    for (let number = 0; number < 20; number++) {
      await publish(number, quick);
      await eventually(() => finished === number + 1);
    }
    expect(asked).toBe(1);
  });

  it('F06 count an entry that was read and never begun as one that may have been, and run it once', async () => {
    const { prefix, inbound, publish, readByGone, isAtRest } = setup();
    await redis.xgroup('CREATE', inbound, 'graph', '0', 'MKSTREAM');
    await publish(0);
    await readByGone();
    const seen: Pick<Delivery, 'attempt' | 'isRedelivered'>[] = [];
    const handle = async ({ attempt, isRedelivered }: Delivery) => {
      seen.push({ attempt, isRedelivered });
      return {};
    };
    await using _ = await startTestConsumer(settings, prefix, 'a', { handle });
    await eventually(isAtRest);
    expect(seen).toEqual([{ attempt: 2, isRedelivered: true }]);
  });

  it('F48 of a poisoned entry end as a dead letter with its last reason; its session and all others go on', async () => {
    const { prefix, publish, isAtRest, deadReasons } = setup();
    const done: string[] = [];
    const othersDone = Promise.withResolvers<void>();
    const onEnd = (of: string) => {
      done.push(of);
      if (done.length === 20) othersDone.resolve();
    };
    const handle = async ({ entry, attempt }: Delivery) => {
      if (entry.id !== messageEntry(0).id) return { onEnd: () => onEnd(entry.session) };
      // The last attempt outlasts everybody else, who must not need its end.
      if (attempt === 5) await othersDone.promise;
      throw new TypeError('cannot swallow this');
    };
    await using worker = await startTestConsumer(settings, prefix, 'a', { handle, concurrency: 2 });
    await publish(0);
    await publish(1);
    const others = Array.from({ length: 20 }, (_, user) => `!other:a:main:@u${user}:a`);
    for (const other of others) await publish(2, other);
    await eventually(() => done.length === 21);
    expect(done.at(-1)).toBe(session);
    await eventually(isAtRest);
    expect(await deadReasons()).toEqual(['TypeError: cannot swallow this']);
    expect(await worker.count('dead_letters_total')).toBe(1);
    expect(await worker.count('entry_attempts_failed_total')).toBe(4);
  });

  it('end at once where an error says that trying again is of no use', async () => {
    const { prefix, publish, isAtRest, deadReasons } = setup();
    let tries = 0;
    const handle = async () => {
      tries += 1;
      throw Object.assign(new Error('never'), { retryable: false });
    };
    await using _ = await startTestConsumer(settings, prefix, 'a', { handle });
    await publish(0);
    await eventually(async () => (await deadReasons()).length === 1);
    await eventually(isAtRest);
    expect([tries, await deadReasons()]).toEqual([1, ['Error: never']]);
  });

  it('are burnt by a guard that fails for ever, and the reason says which', async () => {
    const { prefix, keys, publish, deadReasons } = setup();
    const key = keys.session(partition, session);
    await redis.hset(key, 'turns', '5');
    const ends: boolean[] = [];
    const handle = async () => ({
      guards: [{ key, field: 'turns', value: '4' }],
      writes: [{ command: 'HSET' as const, key, args: ['turns', '9'] }],
      onEnd: (isWritten: boolean) => void ends.push(isWritten),
    });
    await using _ = await startTestConsumer(settings, prefix, 'a', { handle, maxAttempts: 3 });
    await publish(0);
    await eventually(async () => (await deadReasons()).length === 1);
    expect((await deadReasons())[0]).toContain(`${key} changed`);
    expect(ends).toEqual([false, false, false]);
    expect(await redis.hget(key, 'turns')).toBe('5');
  });

  it('tell people of a dead letter in the same commit', async () => {
    const { prefix, keys, publish } = setup();
    const handle = async () => {
      throw Object.assign(new Error('never'), { retryable: false });
    };
    await using _ = await startTestConsumer(settings, prefix, 'a', {
      handle,
      onDead: (entry, reason) => {
        const body = { replyTo: null, reason, text: 'sorry' };
        return [{ stream: 'outbound', entry: { ...entry, type: 'turn.failed', turn: entry.id, body } }];
      },
    });
    await publish(0);
    const told = await eventually(async () => {
      const entries = await redis.xrange(keys.stream(partition, 'outbound'), '-', '+');
      return entries[0]?.[1];
    });
    expect(told).toContain('turn.failed');
    expect(await redis.get(keys.fact(partition, messageEntry(0).id))).toBe('dead');
  });

  it('are not made at an entry that was finished and comes back from the group', async () => {
    const { prefix, inbound, publish, isAtRest } = setup();
    let runs = 0;
    const handle = async () => {
      runs += 1;
      return {};
    };
    const first = await startTestConsumer(settings, prefix, 'a', { handle });
    await publish(0);
    await eventually(() => runs === 1);
    await eventually(isAtRest);
    await first.stop();
    await redis.xgroup('SETID', inbound, 'graph', '0');
    await using second = await startTestConsumer(settings, prefix, 'b', { handle });
    await eventually(async () => (await second.count('entries_delivered_total')) === 1);
    await eventually(isAtRest);
    expect(runs).toBe(1);
  });
});

describe('an entry of a newer version', () => {
  it('F52 stays pending for a newer consumer while its session goes on, and is given up after its time', async () => {
    const { prefix, inbound, publish, deadReasons, isAtRest } = setup();
    const seen: string[] = [];
    const handle = async ({ entry }: Delivery) => {
      seen.push(entry.id);
      return {};
    };
    const old = await startTestConsumer(settings, prefix, 'old', { handle });
    await redis.xadd(inbound, '*', 'v', '2', 'type', 'message.received', 'session', session);
    await redis.xadd(
      inbound,
      '*',
      'v',
      '1',
      'type',
      'message.sung',
      'id',
      'x',
      'session',
      session,
      'at',
      new Date().toISOString(),
      'body',
      '{}',
    );
    await publish(1);
    await eventually(() => seen.length === 1);
    await eventually(async () => (await redis.xpending(inbound, 'graph'))[0] === 2);
    await old.stop();
    expect((await redis.xpending(inbound, 'graph'))[0]).toBe(2);
    expect(await deadReasons()).toEqual([]);
    await using _ = await startTestConsumer(settings, prefix, 'patient', { handle, unknownMs: 0 });
    await eventually(isAtRest);
    expect((await deadReasons()).sort()).toEqual([
      expect.stringContaining('unknown contract version 2'),
      expect.stringContaining('unknown type "message.sung"'),
    ]);
  });
});
