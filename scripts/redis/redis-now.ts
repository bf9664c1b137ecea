import type { RedisClient } from '#streams/redis-client';

/** Redis' clock in milliseconds: leases and ages are measured by it. */
export async function redisNow(redis: RedisClient): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}
