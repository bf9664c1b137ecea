import { contractVersion } from '#contract/entry';
import type { Keys } from '#contract/keys';
import { readServerFacts } from '#streams/check-server';
import type { RedisClient } from '#streams/redis-client';
import { type Finding, fail, ok, warn } from './finding.ts';

/** The server itself: whether the promise can be kept on it. */
export async function checkRedis(redis: RedisClient, place: string): Promise<Finding[]> {
  await redis.ping();
  // The first one also waited for the connection.
  const startedAt = performance.now();
  await redis.ping();
  const ms = Math.max(1, Math.round(performance.now() - startedAt));
  const text = await redis.info();
  const info = readInfo(text);
  const { version, evictionPolicy } = readServerFacts(text);
  const isOld = Number(version.split('.', 1)[0]) < 7;
  return [
    ok('Redis', `answers at ${place} in ${ms} ms`),
    isOld
      ? fail('Redis version', `${version} is too old`, 'Run Redis 7.0 or newer, or Valkey')
      : ok(
          'Redis version',
          `${info.get('server_name') === 'valkey' ? 'Valkey, compatible with ' : ''}${version}`,
        ),
    await checkPersistence(redis, info),
    evictionPolicy === 'noeviction'
      ? ok('Redis eviction', 'never evicts keys')
      : fail(
          'Redis eviction',
          `evicts keys (maxmemory-policy is ${evictionPolicy}) and would lose conversations`,
          'Run "CONFIG SET maxmemory-policy noeviction" and put the same into redis.conf',
        ),
    checkMemory(info),
    ...(await checkReplicas(redis, info)),
  ];
}

/** What all services must agree on. True where this Redis has been set up. */
export async function checkSettings(
  redis: RedisClient,
  keys: Keys,
  given: number | undefined,
): Promise<{ finding: Finding; isSetUp: boolean }> {
  const [partitions, contract] = await redis.hmget(keys.settings(), 'partitions', 'contract');
  const check = 'Settings';
  if (partitions == null) {
    const finding = warn(
      check,
      'no service has ever started on this Redis',
      'Start the services, or check REDIS_URL and KEY_PREFIX',
    );
    return { finding, isSetUp: false };
  }
  if (given !== undefined && String(given) !== partitions) {
    const finding = fail(
      check,
      `STREAM_PARTITIONS is ${given}, but this Redis was set up with ${partitions}`,
      `Set STREAM_PARTITIONS=${partitions} everywhere`,
    );
    return { finding, isSetUp: true };
  }
  const isSame = contract === contractVersion;
  const finding = isSame
    ? ok(check, `${partitions} partitions, contract version ${contract}`)
    : fail(
        check,
        `contract version ${contract}, this is ${contractVersion}`,
        'Run the same version of vagent everywhere',
      );
  return { finding, isSetUp: true };
}

async function checkPersistence(redis: RedisClient, info: ReadonlyMap<string, string>): Promise<Finding> {
  const check = 'Redis persistence';
  if (info.get('aof_enabled') !== '1') {
    return fail(
      check,
      'there is no append-only file: a crash loses what was accepted',
      'Run "CONFIG SET appendonly yes" and put it into redis.conf, with appendfsync always',
    );
  }
  if (info.get('aof_last_write_status') !== 'ok') {
    return fail(
      check,
      'the last write to the append-only file failed',
      'Look at the log of Redis and at the space on its disk',
    );
  }
  const fsync = await readSetting(redis, 'appendfsync');
  if (fsync === 'always') return ok(check, 'append-only file, appendfsync always: a crash loses nothing');
  if (fsync === undefined)
    return warn(
      check,
      'append-only file, but CONFIG may not be read',
      'Make sure that appendfsync is "always" or "everysec"',
    );
  if (fsync === 'everysec')
    return warn(
      check,
      'appendfsync is everysec: a crash loses up to 1 s',
      'Where that is too much, run "CONFIG SET appendfsync always" and put it into redis.conf',
    );
  return fail(
    check,
    `appendfsync is ${fsync}: a crash loses what the system had not written`,
    'Run "CONFIG SET appendfsync always" and put it into redis.conf',
  );
}

function checkMemory(info: ReadonlyMap<string, string>): Finding {
  const [used, most] = [Number(info.get('used_memory') ?? 0), Number(info.get('maxmemory') ?? 0)];
  const inMib = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
  if (most === 0) return ok('Redis memory', `${inMib(used)}, no limit`);
  const share = used / most;
  const says = `${inMib(used)} of ${inMib(most)}`;
  if (share < 0.8) return ok('Redis memory', says);
  const mend = 'Raise maxmemory, or lower SESSION_TTL_HOURS';
  return share < 0.95
    ? warn('Redis memory', says, mend)
    : fail('Redis memory', `${says}: writes are about to be refused`, mend);
}

async function checkReplicas(redis: RedisClient, info: ReadonlyMap<string, string>): Promise<Finding[]> {
  if (Number(info.get('connected_slaves') ?? 0) === 0) return [];
  const least = await readSetting(redis, 'min-replicas-to-write');
  if (least !== undefined && Number(least) > 0)
    return [ok('Redis replicas', `writes wait for ${least} of them to be near`)];
  return [
    warn(
      'Redis replicas',
      'a failover to a replica that lags loses acknowledged writes',
      'Set min-replicas-to-write to 1 and min-replicas-max-lag to 10',
    ),
  ];
}

/** Undefined where managed services keep CONFIG to themselves. */
async function readSetting(redis: RedisClient, name: string): Promise<string | undefined> {
  try {
    const reply = await redis.config('GET', name);
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : undefined;
  } catch {
    return undefined;
  }
}

function readInfo(text: string): Map<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)]] : [];
    }),
  );
}
