import { Queue } from 'bullmq';
import pino from 'pino';
import { describe, expect, inject, it } from 'vitest';
import { approvalIdOf } from '#contract/approval';
import type { Body, StreamName } from '#contract/bodies';
import { decodeEntry, type Entry } from '#contract/entry';
import { partitionOf } from '#contract/partition-of';
import { createMetrics } from '#runtime/create-metrics';
import type { RedisConnection } from '#runtime/redis-settings';
import { connectRedis } from '#streams/connect-redis';
import { openTransport, type Transport } from '#streams/open-transport';
import { jobIdOf } from '../../services/clock/alarms.ts';
import { Clock } from '../../services/clock/clock.ts';
import { eventually } from '../support/eventually.ts';
import { redisAt } from '../support/redis-at.ts';
import { startCluster } from '../support/start-cluster.ts';
import { startRedis } from '../support/start-redis.ts';
import { uniquePrefix } from '../support/unique-prefix.ts';

const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
const session = '!room:localhost:main:@ana:localhost';
const partitions = 2;
const partition = partitionOf(session, partitions);
const approval = approvalIdOf(session, '$turn', 'interrupt');
/** Long enough for a slow machine to set a timer, and to do something about it, before it is due. */
const notYetMs = 4_000;

interface Stage extends AsyncDisposable {
  readonly transport: Transport;
  readonly connection: RedisConnection;
  startClock(options?: { reconcileMs?: number }): Promise<Clock>;
  set(timer: string, inMs: number, changes?: Partial<Body<'timer.set'>>): Promise<void>;
  cancel(timer: string): Promise<void>;
  /** What a stream of the session's partition holds. */
  entries(stream: StreamName): Promise<Entry[]>;
  pending(): Promise<string[]>;
}

async function openStage(connection: RedisConnection = redisAt(inject('redisUrl'))): Promise<Stage> {
  const prefix = uniquePrefix('clock');
  const redis = { connection, keyPrefix: prefix, partitions };
  const { signal } = new AbortController();
  const payload = { key: undefined };
  const transport = await openTransport({ redis, payload }, { name: 'clock', slot: 'test', log, signal });
  const clocks: Clock[] = [];
  let count = 0;
  const publish = async <T extends 'timer.set' | 'timer.cancelled'>(
    type: T,
    body: Body<T>,
  ): Promise<void> => {
    count += 1;
    const at = new Date().toISOString();
    // `type` and `body` belong together by the signature; TypeScript cannot see it through the union.
    const entry = { type, id: `${type}-${count}`, session, turn: '$turn', at, body } as Entry;
    await transport.publisher.publish('timers', entry);
  };
  return {
    transport,
    connection,
    startClock: async ({ reconcileMs } = {}) => {
      const onError = () => undefined;
      const clock = new Clock({
        transport: { ...transport, member: `clock-${clocks.length}-${Math.random()}` },
        connectAlarms: () => connectRedis(connection, { name: 'alarms', blocking: true, onError }),
        metrics: createMetrics({ service: 'clock' }),
        log,
        beat: () => undefined,
        leaseMs: 1_000,
        ...(reconcileMs === undefined ? {} : { reconcileMs }),
      });
      clocks.push(clock);
      await clock.start();
      return clock;
    },
    set: async (timer, inMs, changes = {}) => {
      const [seconds, micros] = await transport.redis.time();
      const dueAt = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000) + inMs;
      const body = {
        timer,
        kind: 'turn.check',
        data: { n: 1 },
        dueAt: new Date(dueAt).toISOString(),
      } as const;
      await publish('timer.set', { ...body, ...changes });
    },
    cancel: (timer) => publish('timer.cancelled', { timer }),
    entries: async (stream) => {
      const found = await transport.redis.xrange(transport.keys.stream(partition, stream), '-', '+');
      return found.flatMap(([, fields]) => {
        const decoded = decodeEntry(fields);
        return decoded.ok ? [decoded.entry] : [];
      });
    },
    pending: () => transport.redis.hkeys(transport.keys.timers(partition)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clocks.map((clock) => clock.stop()));
      await transport.close();
    },
  };
}

const bullKeys = async ({ transport }: Stage): Promise<string[]> =>
  transport.redis.keys(`${transport.keys.bullPrefix().replaceAll(/[{}]/g, '?')}:timers*`);

const isIdle = async (stage: Stage): Promise<boolean> => {
  const [group] = (await stage.transport.redis.xinfo(
    'GROUPS',
    stage.transport.keys.stream(partition, 'timers'),
  )) as [string[]];
  const field = (name: string): string | undefined => group[group.indexOf(name) + 1];
  return String(field('pending')) === '0' && String(field('lag')) === '0';
};

describe('clock', () => {
  it('turns each kind of timer into its entry when it is due, and forgets it', async () => {
    await using stage = await openStage();
    await stage.startClock();
    const expiresAt = '2030-01-01T00:00:00.000Z';
    await stage.set('a:expiry', 300, { kind: 'approval.expiry', data: { approval } });
    const reminder = { approval, reminder: 2, expiresAt, escalateTo: null };
    await stage.set('a:reminder:2', 200, { kind: 'approval.reminder', data: reminder });
    await stage.set('check', 100);
    const inbound = await eventually(async () => {
      const entries = await stage.entries('inbound');
      return entries.length === 2 && entries;
    });
    // Timers that were set when they were due already have no order among them.
    expect(inbound.sort((a, b) => b.type.localeCompare(a.type))).toMatchObject([
      {
        type: 'timer.fired',
        id: 'check',
        session,
        body: { timer: 'check', kind: 'turn.check', data: { n: 1 } },
      },
      { type: 'approval.expired', id: 'a:expiry', session, turn: '$turn', body: { approval } },
    ]);
    await eventually(async () => (await stage.pending()).length === 0);
    expect(await stage.entries('approvals')).toMatchObject([
      { type: 'approval.reminded', id: 'a:reminder:2', turn: '$turn', body: reminder },
    ]);
    expect(await stage.transport.redis.zcard(stage.transport.keys.timersDue(partition))).toBe(0);
  });

  it('fires each of many timers once with two replicas, however often they were set', async () => {
    await using stage = await openStage();
    await Promise.all([stage.startClock({ reconcileMs: 100 }), stage.startClock({ reconcileMs: 100 })]);
    const names = Array.from({ length: 60 }, (_, n) => `timer-${n}`);
    for (const name of names) await stage.set(name, 400);
    for (const name of names.slice(0, 20)) await stage.set(name, 450);
    const fired = await eventually(async () => {
      const entries = await stage.entries('inbound');
      return entries.length >= 60 && (await stage.pending()).length === 0 && entries;
    });
    expect(fired.map(({ id }) => id).sort()).toEqual([...names].sort());
  });

  it('does not fire a timer that was cancelled, and leaves no job of it', async () => {
    await using stage = await openStage();
    await stage.startClock();
    await stage.set('gone', 600_000);
    await stage.set('kept', 600_000);
    await eventually(async () => (await stage.pending()).length === 2 && isIdle(stage));
    await stage.cancel('gone');
    await stage.cancel('never set');
    await eventually(async () => (await stage.pending()).length === 1 && isIdle(stage));
    expect((await bullKeys(stage)).filter((key) => key.includes('timer-'))).toHaveLength(1);
  });

  it('fires what came due while no clock ran', async () => {
    await using stage = await openStage();
    const first = await stage.startClock();
    await stage.set('due meanwhile', notYetMs);
    await stage.set('due later', notYetMs + 1_000);
    await eventually(async () => (await stage.pending()).length === 2 && isIdle(stage));
    await first.stop();
    const { redis, keys } = stage.transport;
    await eventually(async () => {
      const [seconds] = await redis.time();
      return (await redis.zcount(keys.timersDue(partition), 0, Number(seconds) * 1_000)) > 0;
    });
    expect(await stage.entries('inbound')).toEqual([]);
    await stage.startClock();
    await eventually(async () => (await stage.entries('inbound')).length === 2);
    const ids = (await stage.entries('inbound')).map(({ id }) => id);
    expect(ids.sort()).toEqual(['due later', 'due meanwhile']);
  });

  it('makes lost jobs again, and fires what is overdue without any', async () => {
    await using stage = await openStage();
    await stage.startClock({ reconcileMs: 300 });
    await stage.set('soon', notYetMs);
    await stage.set('late', 600_000);
    await eventually(async () => (await stage.pending()).length === 2 && isIdle(stage));
    await stage.transport.redis.del(...(await bullKeys(stage)));
    await eventually(
      async () => (await bullKeys(stage)).filter((key) => key.includes(':timer-')).length === 2,
    );
    await eventually(async () => (await stage.entries('inbound')).length === 1);
    // A timer that nobody has a job for any more, and that was due long ago.
    const { redis, keys } = stage.transport;
    const record = { kind: 'turn.check', dueAt: 1, data: null, session, turn: '$turn' };
    await redis.hset(keys.timers(partition), 'overdue', JSON.stringify(record));
    await eventually(async () => (await stage.entries('inbound')).length === 2);
    await eventually(async () => (await stage.pending()).join() === 'late');
  });

  it('F41: does not fire early where a host clock runs ahead', async () => {
    await using stage = await openStage();
    await stage.startClock();
    const began = performance.now();
    await stage.set('exact', notYetMs);
    await eventually(async () => (await stage.pending()).length === 1 && isIdle(stage));
    // A host whose clock is an hour ahead makes the job at once.
    const stored = await stage.transport.redis.hget(stage.transport.keys.timers(partition), 'exact');
    const { dueAt } = JSON.parse(stored ?? '') as { dueAt: number };
    const connection = connectRedis(stage.connection, {
      name: 'ahead',
      blocking: true,
      onError: () => undefined,
    });
    const queue = new Queue('timers', { connection, prefix: stage.transport.keys.bullPrefix() });
    const alarm = { partition, timer: 'exact' };
    const job = await queue.getJob(jobIdOf(alarm, dueAt));
    if (job === undefined) throw new Error('The timer has no job');
    await job.promote();
    await queue.close();
    connection.disconnect();
    const [fired] = await eventually(async () => {
      const entries = await stage.entries('inbound');
      return entries.length > 0 && entries;
    });
    expect(performance.now() - began).toBeGreaterThan(notYetMs - 100);
    expect(Date.parse(fired?.at ?? '')).toBeGreaterThanOrEqual(dueAt);
  });

  it('gives up a timer whose data cannot be used, with the reason, and fires others', async () => {
    await using stage = await openStage();
    await stage.startClock();
    await stage.set('broken', 100, { kind: 'approval.expiry', data: { aproval: approval } });
    await stage.set('fine', 100);
    const { redis, keys } = stage.transport;
    await redis.hset(keys.timers(partition), 'garbage', 'not JSON');
    await eventually(async () => (await stage.entries('inbound')).length === 1);
    const [[, letter]] = (await redis.xrange(keys.stream(partition, 'dead'), '-', '+')) as [
      [string, string[]],
    ];
    expect(letter.join(' ')).toMatch(/Timer "broken": its data cannot be used \(approval: /);
    await eventually(async () => (await stage.pending()).join() === 'garbage');
  });

  it('fires what is overdue in the other partitions while the timers of one cannot be read', async () => {
    await using stage = await openStage();
    const { redis, keys } = stage.transport;
    const sessionOf = (wanted: number): string => {
      const names = Array.from({ length: 50 }, (_, n) => `!room${n}:localhost:main:@ana:localhost`);
      return names.find((name) => partitionOf(name, partitions) === wanted) ?? '';
    };
    const overdue = (of: string) => JSON.stringify({ kind: 'turn.check', dueAt: 1, data: null, session: of });
    await redis.set(keys.timers(0), 'no hash');
    await redis.hset(keys.timers(1), 'there', overdue(sessionOf(1)));
    await stage.startClock({ reconcileMs: 300 });
    await eventually(async () => (await redis.xlen(keys.stream(1, 'inbound'))) === 1);
    await redis.del(keys.timers(0));
    await redis.hset(keys.timers(0), 'here', overdue(sessionOf(0)));
    await eventually(async () => (await redis.xlen(keys.stream(0, 'inbound'))) === 1);
  });

  it('goes on after Redis was killed and came back', async () => {
    await using server = await startRedis();
    await using stage = await openStage(redisAt(server.url));
    await stage.startClock();
    await stage.set('over the crash', notYetMs);
    await eventually(async () => (await stage.pending()).length === 1 && isIdle(stage));
    await server.kill();
    await server.start();
    await eventually(async () => (await stage.entries('inbound')).length === 1, { withinMs: 25_000 });
  });

  it('keeps time on a Cluster too', async () => {
    await using cluster = await startCluster();
    const access = { username: undefined, password: undefined, tls: false };
    await using stage = await openStage({ form: 'cluster', nodes: cluster.nodes, ...access });
    await stage.startClock({ reconcileMs: 200 });
    await stage.set('first', 300);
    await stage.set('second', 600);
    await stage.set('cancelled', 600_000);
    await stage.cancel('cancelled');
    await eventually(async () => (await stage.entries('inbound')).length === 2, { withinMs: 20_000 });
    await eventually(async () => (await stage.pending()).length === 0);
    expect((await stage.entries('inbound')).map(({ id }) => id).sort()).toEqual(['first', 'second']);
  });
});
