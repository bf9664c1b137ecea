import type { SerializerProtocol } from '@langchain/langgraph-checkpoint';
import type { RedisClient } from './redis-client.ts';

export interface RedisSaverOptions {
  readonly redis: RedisClient;
  /**
   * Prefix of the keys of a thread, with a hash tag (`{…}`), different for different threads: pass the id through
   * `encodeKeyPart`. Default `checkpoint:{<id>}`.
   */
  readonly keyOf?: (threadId: string) => string;
  /** Lifetime of a thread, counted anew from every save, and from a read in its second half. Default: no expiry. */
  readonly ttlMs?: number;
  /** How many checkpoints are kept per thread and namespace; default all. See `prune`. */
  readonly keep?: number;
  /**
   * In how many parts a growing list may be stored before a save puts them together; default any number. It pays with a
   * compressing `serde`, and where the old parts go at once: `keep` 1, buffered.
   */
  readonly mostParts?: number;
  /** A sorted set of the ids of all threads, needed only for `list` without a thread. Default: none is kept. */
  readonly threadsKey?: string;
  /** How many threads and namespaces are remembered in this process; 0 for none. Default 256. */
  readonly cacheEntries?: number;
  /** Turns values into bytes and back, e.g. encrypting them; default LangGraph's JSON. */
  readonly serde?: SerializerProtocol;
}
