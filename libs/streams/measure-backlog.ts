import { z } from 'zod';
import type { StreamName } from '#contract/bodies';
import type { ConsumerOptions } from './consumer-options.ts';
import { appendedAtOf } from './item.ts';
import { redisNow } from './redis-now.ts';
import { redisErrorCode } from './script.ts';

const group = z.object({
  name: z.string(),
  pending: z.number(),
  'last-delivered-id': z.string(),
  lag: z.number().nullable(),
});

interface Backlog {
  readonly lag: number;
  readonly pending: number;
  /** By Redis' clock, in ms. */
  readonly oldestAt: number | undefined;
}

const none: Backlog = { lag: 0, pending: 0, oldestAt: undefined };

/**
 * Sets the gauges of what waits in the partitions that this process holds: each is measured by its one holder, so
 * that the sum over all processes is the whole.
 */
export async function measureBacklog(options: ConsumerOptions, held: readonly number[]): Promise<void> {
  const { metrics, group, streams, redis, keys } = options;
  const now = await redisNow(redis);
  for (const stream of streams) {
    const found = await Promise.all(held.map((partition) => backlogOf(options, partition, stream)));
    const sum = (pick: (one: Backlog) => number) => found.reduce((all, one) => all + pick(one), 0);
    const oldestAt = Math.min(now, ...found.flatMap((one) => one.oldestAt ?? []));
    metrics.lag.set(
      { group, stream },
      sum(({ lag }) => lag),
    );
    metrics.pending.set(
      { group, stream },
      sum(({ pending }) => pending),
    );
    metrics.oldest.set({ group, stream }, (now - oldestAt) / 1_000);
  }
  if (!streams.includes('inbound')) return;
  const letters = held.map((partition) => orNone(() => redis.xlen(keys.stream(partition, 'dead')), 0));
  const kept = (await Promise.all(letters)).reduce((all, one) => all + one, 0);
  metrics.deadKept.set({ group }, kept);
}

async function backlogOf(
  { redis, keys, group: name }: ConsumerOptions,
  partition: number,
  stream: StreamName,
): Promise<Backlog> {
  const key = keys.stream(partition, stream);
  return orNone(async () => {
    const own = parseGroups(await redis.xinfo('GROUPS', key)).find((one) => one.name === name);
    if (own === undefined) return none;
    const pending =
      own.pending === 0 ? undefined : z.string().safeParse((await redis.xpending(key, name))[1]);
    // Redis does not know the lag where entries were deleted by hand; whether there is one can still be seen.
    const next =
      own.lag === 0 ? [] : await redis.xrange(key, `(${own['last-delivered-id']}`, '+', 'COUNT', 1);
    const ids = [pending?.data, next[0]?.[0]].filter((id) => id !== undefined);
    return {
      lag: own.lag ?? next.length,
      pending: own.pending,
      oldestAt: ids.length === 0 ? undefined : Math.min(...ids.map(appendedAtOf)),
    };
  }, none);
}

/** A stream that is not there yet, or a key of another type, which has a gauge of its own. */
async function orNone<T>(work: () => Promise<T>, instead: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = redisErrorCode(error);
    if (code === 'WRONGTYPE' || code === 'ERR') return instead;
    throw error;
  }
}

/** XINFO answers each group as a flat list of names and values. */
function parseGroups(reply: unknown): z.output<typeof group>[] {
  return z
    .array(z.array(z.unknown()))
    .parse(reply)
    .map((flat) => {
      const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]]] : []));
      return group.parse(Object.fromEntries(pairs));
    });
}
