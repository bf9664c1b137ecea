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
  /** How long a lock outlives a holder that renews it no more: longer than a process stalls that is alive. */
  readonly lockMs?: number;
  readonly pollMs?: number;
}

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const scripts = { release: read('./release-lock.lua'), renew: read('./renew-lock.lua') };

/**
 * Keeps the token of one device in Redis. The lock is renewed while its holder lives, however long a login takes; one
 * that dies frees it within `lockMs` (default 5 s). A holder that froze for longer may log in beside the next one:
 * then one of the two finds its token void and takes the one that is stored.
 */
export function createRedisTokenStore(options: RedisTokenStoreOptions): TokenStore {
  const { redis, key, seal, open, lockMs = 5_000 } = options;
  const lock = `${key}:lock`;
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
      while ((await redis.set(lock, owner, 'PX', lockMs, 'NX')) === null) {
        await sleep(options.pollMs ?? 200);
      }
      // One that cannot be sent now is followed by the next; the lock may be lost for that, which does no harm.
      const renew = (): void => void redis.eval(scripts.renew, 1, lock, owner, lockMs).catch(() => undefined);
      const renewal = setInterval(renew, lockMs / 3);
      try {
        return await work();
      } finally {
        clearInterval(renewal);
        await redis.eval(scripts.release, 1, lock, owner);
      }
    },
  };
}
