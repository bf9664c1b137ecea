import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';
import type { TokenStore } from './token-store.ts';

export interface RedisTokenStoreOptions {
  readonly redis: Redis | Cluster;
  /** The key of the token; its lock is beside it, so on Cluster it must carry a hash tag. */
  readonly key: string;
  /** Encryption at rest. */
  readonly seal: (text: string) => string;
  readonly open: (sealed: string) => string;
  /** Longer than a login can take. */
  readonly lockMs?: number;
  readonly pollMs?: number;
}

/** Keeps the token of one device in Redis. A holder that dies frees its lock after `lockMs` (default 60 s). */
export function createRedisTokenStore(options: RedisTokenStoreOptions): TokenStore {
  const { redis, key, seal, open } = options;
  const lock = `${key}:lock`;
  const release = readFileSync(new URL('./release-lock.lua', import.meta.url), 'utf8');
  return {
    async load() {
      const sealed = await redis.get(key);
      return sealed === null ? undefined : open(sealed);
    },
    async save(token) {
      await redis.set(key, seal(token));
    },
    async exclusively(work) {
      const owner = randomUUID();
      while ((await redis.set(lock, owner, 'PX', options.lockMs ?? 60_000, 'NX')) === null) {
        await sleep(options.pollMs ?? 200);
      }
      try {
        return await work();
      } finally {
        await redis.eval(release, 1, lock, owner);
      }
    },
  };
}
