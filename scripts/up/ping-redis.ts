import { type LoopbackRedis, withRedis } from './with-redis.ts';

/** True once it answers; false while it starts or loads its data. */
export async function pingRedis(server: LoopbackRedis): Promise<boolean> {
  try {
    return (await withRedis(server, (redis) => redis.ping())) === 'PONG';
  } catch {
    // Not there yet: whoever waits for it looks again, and knows when to give up.
    return false;
  }
}
