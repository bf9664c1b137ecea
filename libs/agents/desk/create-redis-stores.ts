import { createRedisBudgets } from '#agents/budgets/create-redis-budgets';
import { createRedisCanaries } from '#agents/flags/create-redis-canaries';
import { createRedisMemory } from '#agents/memory/create-redis-memory';
import type { Keys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';
import type { Stores } from './stores.ts';

export interface RedisStoresDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** `KEY_PREFIX`. */
  readonly prefix: string;
  readonly sealBody: (json: string) => string;
  readonly openBody: (sealed: string) => string;
}

/** Stores that all workers share. */
export function createRedisStores(deps: RedisStoresDeps): Stores {
  const { redis, keys, prefix, sealBody, openBody } = deps;
  return {
    memory: (policy) => createRedisMemory({ redis, prefix, policy, seal: sealBody, open: openBody }),
    budgets: (policy) => createRedisBudgets({ redis, prefix, policy }),
    canaries: createRedisCanaries({ redis, prefix }),
    understood: {
      get: async (key) => {
        const { text, place } = placeOf(key);
        const sealed = await redis.hget(keys.understood(text), place);
        return sealed === null ? null : openBody(sealed);
      },
      set: async (key, value, ttlMs) => {
        const { text, place } = placeOf(key);
        const hash = keys.understood(text);
        // What everybody says, such as "yes", is understood in many places: forgotten now and then, it stays small.
        if ((await redis.hlen(hash)) >= mostPlaces) await redis.del(hash);
        await redis.multi().hset(hash, place, sealBody(value)).pexpire(hash, ttlMs).exec();
      },
    },
  };
}

const mostPlaces = 64;

/** A message's text, and the place of the conversation where it was said. */
function placeOf(key: string): { text: string; place: string } {
  const [text = '', place = ''] = key.split(':');
  return { text, place };
}
