import type { Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import type { RedisClient } from '#streams/redis-client';

export interface UndecryptableMemory {
  /** Whether the session is to be told of this event: once an hour, and again for the same event. */
  isToBeTold(session: string, eventId: string): Promise<boolean>;
  /** Whether the bot has talked in this session before. */
  hasTalked(session: string): Promise<boolean>;
}

const hourMs = 60 * 60_000;

export function createUndecryptableMemory(
  { redis, keys, partitions }: { redis: RedisClient; keys: Keys; partitions: number },
  userId: string,
): UndecryptableMemory {
  return {
    async isToBeTold(session, eventId) {
      const key = keys.toldUndecryptable(userId, session);
      if ((await redis.set(key, eventId, 'PX', hourMs, 'NX')) === 'OK') return true;
      return (await redis.get(key)) === eventId;
    },
    async hasTalked(session) {
      const score = await redis.zscore(keys.sessions(partitionOf(session, partitions)), session);
      return score !== null;
    },
  };
}
