import { Cluster } from 'ioredis';
import type { Metrics } from '#runtime/create-metrics';
import type { RedisClient } from './redis-client.ts';
import { redisErrorCode } from './script.ts';

/** Counts how often the connection for commands was lost and came back. */
export function countReconnects(metrics: Metrics, redis: RedisClient): void {
  const reconnects = metrics.counter('redis_reconnects_total', {
    help: 'Times that the connection to Redis was lost and is made anew',
  });
  redis.on('reconnecting', () => reconnects.inc());
}

/** Asks Redis at each scrape how full it is; one service does, for all. */
export function watchRedisMemory(metrics: Metrics, redis: RedisClient): void {
  const used = metrics.gauge('redis_memory_used_bytes', {
    help: 'Memory that Redis uses, on Cluster of all masters',
    collect: async () => {
      const memory = await readMemory(redis);
      if (memory === undefined) return;
      used.set(memory.used);
      limit.set(memory.limit);
    },
  });
  const limit = metrics.gauge('redis_memory_limit_bytes', {
    help: 'Memory that Redis may use: its maxmemory, or what its machine has where that is not set',
  });
}

const patienceMs = 1_000;

/** Undefined while Redis does not answer, or may not tell: a scrape must not wait for it. */
async function readMemory(redis: RedisClient): Promise<{ used: number; limit: number } | undefined> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const reading = Promise.all(nodes.map(async (node) => parseMemory(await node.info('memory'))));
  const tooLate = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => tooLate.resolve(undefined), patienceMs);
  try {
    const all = await Promise.race([reading, tooLate.promise]);
    return all?.reduce((sum, one) => ({ used: sum.used + one.used, limit: sum.limit + one.limit }));
  } catch (error) {
    // A lost connection is counted elsewhere; NOPERM says that this user may not ask.
    if (redisErrorCode(error) === undefined || redisErrorCode(error) === 'NOPERM') return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
    reading.catch(() => undefined);
  }
}

function parseMemory(info: string): { used: number; limit: number } {
  const read = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return { used: read('used_memory'), limit: read('maxmemory') || read('total_system_memory') };
}
