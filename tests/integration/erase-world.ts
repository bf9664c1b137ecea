import type { Cluster, Redis } from 'ioredis';
import { withUnzipped } from '../support/with-unzipped.ts';

/** Every key of a prefix with everything that it holds, as text: read here in its own way, to check what others say. */
export async function readEverything(
  redis: Redis | Cluster,
  prefix: string,
  nodes: readonly Redis[] = [redis as Redis],
): Promise<Map<string, string>> {
  const names = (await Promise.all(nodes.map((node) => node.keys(`${prefix}:*`)))).flat();
  const read = async (key: string): Promise<unknown> => {
    const type = await redis.type(key);
    if (type === 'string') return redis.get(key);
    if (type === 'hash') return redis.hgetall(key);
    if (type === 'list') return redis.lrange(key, 0, -1);
    if (type === 'set') return redis.smembers(key);
    if (type === 'zset') return redis.zrange(key, '0', '-1');
    return redis.xrange(key, '-', '+');
  };
  const entries = await Promise.all(
    names.map(
      async (key) =>
        [key, withUnzipped(String(JSON.stringify(await read(key)))).replaceAll('\\"', '"')] as const,
    ),
  );
  return new Map(entries);
}
