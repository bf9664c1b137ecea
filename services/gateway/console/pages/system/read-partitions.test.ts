import { expect, test } from 'vitest';
import { type Partition, readPartition } from './read-partitions.ts';

const now = Date.parse('2026-11-21T10:00:00.000Z');

function sample(over: Partial<Partition> = {}): Partition {
  const stream = (name: string) => ({
    stream: name,
    state: 'ok',
    length: 9,
    lag: 0,
    pending: 0,
    oldestAt: null,
  });
  return {
    partition: 3,
    streams: ['inbound', 'outbound', 'approvals', 'timers', 'dead'].map(stream),
    leases: (['graph', 'egress', 'clock'] as const).map((group) => ({
      group,
      owner: `${group}-1`,
      epoch: 4,
      leftMs: 3_000,
    })),
    ...over,
  };
}

const waiting = (lag: number | null, pending: number, oldestAt: string | null) =>
  sample({ streams: [{ stream: 'inbound', state: 'ok', length: 1, lag, pending, oldestAt }] });

test('a partition at rest is cool, and dead letters do not make it warm', () => {
  expect(readPartition(sample(), now)).toMatchObject({
    lag: 0,
    pending: 0,
    oldestMs: null,
    deadLetters: 9,
    holders: { graph: 'graph-1', egress: 'egress-1', clock: 'clock-1' },
    problems: [],
    heat: 0,
  });
});

test('what waits makes it warm, what waits long or in numbers makes it hot', () => {
  expect(readPartition(waiting(1, 1, '2026-11-21T09:59:58.000Z'), now)).toMatchObject({
    oldestMs: 2_000,
    heat: 1,
  });
  expect(readPartition(waiting(0, 1, '2026-11-21T09:59:00.000Z'), now).heat).toBe(2);
  expect(readPartition(waiting(60, 0, null), now).heat).toBe(2);
});

test('a lag that Redis cannot tell is not told as none', () => {
  expect(readPartition(waiting(null, 2, null), now)).toMatchObject({ lag: null, pending: 2 });
});

test('a lease that nobody holds and a key of another type are told as problems', () => {
  const { leases, streams } = sample();
  const broken = sample({
    leases: leases.map((lease) => (lease.group === 'graph' ? { ...lease, owner: null } : lease)),
    streams: streams.map((one) => (one.stream === 'timers' ? { ...one, state: 'wrong type' } : one)),
  });

  expect(readPartition(broken, now)).toMatchObject({
    problems: ['timers holds something else', 'nobody holds it for workers'],
    heat: 3,
  });
});

test('an entry from the future is not older than nothing', () => {
  expect(readPartition(waiting(0, 1, '2026-11-21T10:00:05.000Z'), now).oldestMs).toBe(0);
});
