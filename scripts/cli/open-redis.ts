import pino from 'pino';
import { z } from 'zod';
import { createKeys } from '#contract/keys';
import { payloadSettings } from '#runtime/payload-settings';
import { type Environment, readConfig } from '#runtime/read-config';
import { redisSettings } from '#runtime/redis-settings';
import { connectRedis } from '#streams/connect-redis';
import { openTransport, type Transport } from '#streams/open-transport';
import { isRedisUnavailable } from '#streams/redis-errors';
import { redisErrorCode } from '#streams/script';
import { givenRedis } from '../up/given.ts';
import { commandEnvironment } from './command-environment.ts';
import { CommandError } from './errors.ts';

const schema = z.object({ redis: redisSettings, payload: payloadSettings });
type Settings = z.output<typeof schema>;

const readyMs = 10_000;
const refusals = ['NOAUTH', 'WRONGPASS', 'NOPERM'];

/**
 * The transport as the services use it, for one command; the number of partitions is the one that this Redis was
 * set up with, so that nothing is looked for in the wrong place.
 *
 * @throws {CommandError} where Redis is not named, does not answer, or holds nothing of vagent.
 */
export async function openRedis(env: Environment): Promise<Transport> {
  const settings = await readRedisSettings(env);
  const partitions = await fixedPartitions(settings);
  const redis = { ...settings.redis, partitions };
  const signal = AbortSignal.timeout(readyMs);
  const deps = { name: 'cli', slot: 'cli', log: pino({ enabled: false }), signal };
  try {
    return await openTransport({ ...settings, redis }, deps);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CommandError(
      `The Redis at ${placeOf(settings)} was not ready within ${readyMs / 1_000} s: see vagent doctor`,
    );
  }
}

export async function readRedisSettings(env: Environment): Promise<Settings> {
  const merged = await commandEnvironment(env);
  if (givenRedis(merged) === undefined) {
    throw new CommandError(
      'Which Redis? No vagent runs in this folder, and REDIS_URL is not set. Start one with "npm start", or set REDIS_URL',
    );
  }
  return readConfig(schema, merged).config;
}

/** Where the Redis of these settings is, for people; never its password. */
export function placeOf({ redis: { connection } }: Settings): string {
  const list =
    connection.form === 'single'
      ? [connection.address]
      : connection.form === 'cluster'
        ? connection.nodes
        : connection.sentinels;
  return list.map(({ host, port }) => `${host}:${port}`).join(', ');
}

async function fixedPartitions(settings: Settings): Promise<number> {
  const { connection, keyPrefix } = settings.redis;
  const redis = connectRedis(connection, { name: 'vagent-cli', onError: () => undefined });
  const key = createKeys(keyPrefix).settings();
  try {
    const fixed = await redis.hget(key, 'partitions');
    if (fixed !== null && /^[1-9]\d*$/.test(fixed)) return Number(fixed);
  } catch (error) {
    throw new CommandError(`The Redis at ${placeOf(settings)} ${whatIsWrong(error, key)}`, { cause: error });
  } finally {
    redis.disconnect();
  }
  throw new CommandError(
    `The Redis at ${placeOf(settings)} holds nothing of vagent under the prefix "${keyPrefix}": check REDIS_URL and KEY_PREFIX, or start the services once`,
  );
}

/** @throws what has nothing to do with Redis. */
function whatIsWrong(error: unknown, key: string): string {
  const code = redisErrorCode(error);
  const said = error instanceof Error ? error.message : String(error);
  if (code === 'WRONGTYPE') return `holds something else under ${key}: check KEY_PREFIX, or delete that key`;
  if (!isRedisUnavailable(error)) throw error;
  if (code === undefined) return 'does not answer: start it, or check REDIS_URL';
  if (refusals.includes(code))
    return `lets nobody in like this (${said}): check REDIS_USERNAME and REDIS_PASSWORD, or REDIS_URL`;
  return `is not ready (${said}): try again when it is`;
}
