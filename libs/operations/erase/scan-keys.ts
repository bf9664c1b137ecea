import { Cluster } from 'ioredis';
import type { RedisClient } from '#streams/redis-client';

const perPage = 500;

/**
 * All keys of a prefix, some hundred at a time, on every master. Keys that come or go meanwhile may be missed or told
 * twice, as SCAN has it.
 *
 * @param prefix what all of them begin with, `KEY_PREFIX` first; what that allows means itself in a pattern.
 */
export async function* scanKeys(redis: RedisClient, prefix: string): AsyncGenerator<string[]> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis];
  for (const node of nodes) {
    let cursor = '0';
    do {
      const [next, page] = await node.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', perPage);
      cursor = next;
      yield page;
    } while (cursor !== '0');
  }
}
