import type { RedisClient } from './redis-client.ts';

/** The time in ms that counts for all processes: Redis' own. */
export async function redisNow(redis: RedisClient): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}
