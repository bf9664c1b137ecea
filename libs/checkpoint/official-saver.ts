import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import { type Redis, Redis as RedisConnection } from 'ioredis';
import { RedisModulesError } from './errors.ts';

export interface OfficialSaver extends AsyncDisposable {
  readonly saver: BaseCheckpointSaver;
  /** One sentence for the log: what the choice costs. */
  readonly lostGuarantee: string;
}

export interface OfficialSaverOptions {
  /** One Redis with RedisJSON and RediSearch: Redis 8 or Redis Stack. */
  readonly url: string;
  readonly ttlMs?: number;
}

const lostGuarantee =
  'CHECKPOINTER=redis-stack: checkpoints are written by the official saver while a turn runs, not by the commit that ends it, ' +
  'so a worker that was fenced off may still overwrite one, and after a crash a checkpoint can be ahead of the replies.';

/**
 * Opens `@langchain/langgraph-checkpoint-redis` after checking that the server can serve it.
 * Throws RedisModulesError where RedisJSON or RediSearch is missing.
 */
export async function openOfficialSaver(options: OfficialSaverOptions): Promise<OfficialSaver> {
  await requireModules(options.url);
  const { RedisSaver } = await import('@langchain/langgraph-checkpoint-redis');
  const ttl = options.ttlMs === undefined ? undefined : { defaultTTL: options.ttlMs / 60_000 };
  const saver = await RedisSaver.fromUrl(options.url, ttl);
  return { saver, lostGuarantee, [Symbol.asyncDispose]: () => saver.end() };
}

async function requireModules(url: string): Promise<void> {
  const redis = new RedisConnection(url, { lazyConnect: true, retryStrategy: () => null });
  // A failed connection rejects connect(); without a listener ioredis would print it as well.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const missing = await missingModules(redis);
    if (missing.length > 0) throw new RedisModulesError(serverOf(url), missing);
  } finally {
    redis.disconnect();
  }
}

/** Asked by command, not by module name: Redis 8 has both built in under other names than Redis Stack. */
async function missingModules(redis: Redis): Promise<string[]> {
  const reply: unknown = await redis.call('COMMAND', 'INFO', 'JSON.SET', 'FT.CREATE');
  const [json, search]: unknown[] = Array.isArray(reply) ? reply : [];
  return [
    ...(Array.isArray(json) ? [] : ['RedisJSON (JSON.SET)']),
    ...(Array.isArray(search) ? [] : ['RediSearch (FT.CREATE)']),
  ];
}

/** Without the password, which must not reach a log. */
function serverOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}
