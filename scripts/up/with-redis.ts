import { Redis } from 'ioredis';

export interface LoopbackRedis {
  readonly port: number;
  readonly password: string;
}

/** Connects to a Redis of our own, once; the caller's work decides what an answer is. Rejects where nobody listens. */
export async function withRedis<T>(server: LoopbackRedis, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({
    host: '127.0.0.1',
    port: server.port,
    password: server.password,
    lazyConnect: true,
    connectTimeout: 2_000,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The failing call below tells it.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
