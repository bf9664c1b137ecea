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
        const sealed = await redis.get(keys.understood(key));
        return sealed === null ? null : openBody(sealed);
      },
      set: (key, value, ttlMs) => redis.set(keys.understood(key), sealBody(value), 'PX', ttlMs),
    },
  };
}
