import type { Keys } from '#contract/keys';
import type { RedisClient } from '#streams/redis-client';

/** The rooms that were seen encrypted. Encryption is never switched off (client-server API, `m.room.encryption`). */
export interface EncryptedRooms {
  has(room: string): Promise<boolean>;
  add(room: string): Promise<void>;
}

/** Kept in Redis: a homeserver that forgets a room's encryption does not make us believe clear text. */
export function createEncryptedRooms(redis: RedisClient, keys: Keys, userId: string): EncryptedRooms {
  const key = keys.encryptedRooms(userId);
  return {
    has: async (room) => (await redis.hexists(key, room)) === 1,
    add: async (room) => {
      await redis.hsetnx(key, room, new Date().toISOString());
    },
  };
}
