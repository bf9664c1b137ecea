import { executeWrites } from './execute-writes.ts';
import type { RedisClient } from './redis-client.ts';
import type { RedisWrite } from './redis-write.ts';
import { hashTagOf } from './thread-keys.ts';

export interface ThreadListOptions {
  readonly redis: RedisClient;
  /** The sorted set; undefined where none is kept. */
  readonly key: string | undefined;
  /** Lifetime of a thread. */
  readonly ttlMs: number | undefined;
  /** Prefix of the keys of a thread. */
  readonly keyOf: (threadId: string) => string;
}

/** The ids of all threads of a saver, for `list` without a thread. */
export interface ThreadList {
  /** The commands that add or remove a thread; none where the list lies in another slot than the thread. */
  writesBeside(threadId: string, command: 'ZADD' | 'ZREM'): RedisWrite[];
  /** Adds or removes a thread where `writesBeside` cannot. */
  writeApart(threadId: string, command: 'ZADD' | 'ZREM'): Promise<void>;
}

export function createThreadList({ redis, key, ttlMs, keyOf }: ThreadListOptions): ThreadList {
  if (key === undefined) return { writesBeside: () => [], writeApart: () => Promise.resolve() };
  const isNear = (threadId: string): boolean => hashTagOf(key) === hashTagOf(keyOf(threadId));
  const writesOf = (threadId: string, command: 'ZADD' | 'ZREM'): RedisWrite[] => {
    if (command === 'ZREM') return [{ command, key, args: [threadId] }];
    const now = Date.now();
    const added: RedisWrite = { command, key, args: [String(now), threadId] };
    if (ttlMs === undefined) return [added];
    // Twice the lifetime leaves room for clocks that differ and for lifetimes that reads prolonged.
    return [added, { command: 'ZREMRANGEBYSCORE', key, args: ['-inf', String(now - 2 * ttlMs)] }];
  };
  return {
    writesBeside: (threadId, command) => (isNear(threadId) ? writesOf(threadId, command) : []),
    writeApart: async (threadId, command) => {
      if (!isNear(threadId)) await executeWrites(redis, writesOf(threadId, command));
    },
  };
}
