import { readStreamStates } from '#operations/streams/read-stream-states';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import type { Sample } from '../api/resources.ts';

type Measured = Pick<Sample, 'at' | 'lag' | 'pending' | 'oldestSeconds' | 'deadLetters' | 'openApprovals'>;

/** How much waits in all partitions together, by Redis' clock. Rejects while Redis is away. */
export async function measureStreams(transport: Transport): Promise<Measured> {
  const { redis, keys, partitions } = transport;
  const [now, states, open] = await Promise.all([
    redisNow(redis),
    readStreamStates(transport),
    Promise.all(
      Array.from({ length: partitions }, (_, partition) => redis.hlen(keys.openApprovals(partition))),
    ),
  ]);
  const groups = states.flatMap(({ group }) => (group === null ? [] : [group]));
  const oldest = groups.reduce((first, { oldestAt }) => Math.min(first, oldestAt ?? now), now);
  return {
    at: new Date(now).toISOString(),
    lag: sum(groups.map(({ lag }) => lag ?? 0)),
    pending: sum(groups.map(({ pending }) => pending)),
    oldestSeconds: Math.max(0, now - oldest) / 1_000,
    deadLetters: sum(states.filter(({ stream }) => stream === 'dead').map(({ length }) => length)),
    openApprovals: sum(open),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
