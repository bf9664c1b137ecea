import type { Keys } from '#contract/keys';
import { factTtlMs } from '#streams/fact-ttl';
import type { RedisClient } from '#streams/redis-client';

/**
 * The sessions of messages that were let in, by event id, for as long as facts are remembered. An edit or a
 * redaction names only the message; its thread, and with it the session, stands nowhere else any more.
 */
export interface SessionMemory {
  remember(eventId: string, session: string): Promise<void>;
  /** Undefined for a message that was never let in, or too long ago. */
  recall(eventId: string): Promise<string | undefined>;
}

export function createSessionMemory(redis: RedisClient, keys: Keys): SessionMemory {
  return {
    async remember(eventId, session) {
      await redis.set(keys.sessionOf(eventId), session, 'PX', factTtlMs);
    },
    async recall(eventId) {
      return (await redis.get(keys.sessionOf(eventId))) ?? undefined;
    },
  };
}
