import type { RedisConnection } from '#runtime/redis-settings';

/** The connection settings of a Redis without a password. */
export function redisAt(url: string): RedisConnection {
  const { hostname, port } = new URL(url);
  return {
    form: 'single',
    address: { host: hostname, port: Number(port) },
    database: 0,
    username: undefined,
    password: undefined,
    tls: false,
  };
}
