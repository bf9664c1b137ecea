import { Cluster } from 'ioredis';
import { contractVersion } from '#contract/entry';
import type { Keys } from '#contract/keys';
import { RedisSetupError } from './errors.ts';
import type { RedisClient } from './redis-client.ts';

export interface ServerFacts {
  readonly version: string;
  readonly evictionPolicy: string;
  readonly appendOnly: boolean;
}

/** The field of the settings that says that no release before small records ever ran here. */
export const smallRecords = 'small-records';

/**
 * Refuses a server on which the promise cannot be kept, with the remedy in the message: Redis below 7.0, an
 * eviction policy other than `noeviction`, or another number of partitions than at the first start.
 */
export async function checkServer(redis: RedisClient, keys: Keys, partitions: number): Promise<ServerFacts> {
  const [first, ...others] = await readAllFacts(redis);
  for (const facts of [first, ...others]) refuseUnusable(facts);
  const settings = keys.settings();
  const isFirst = (await redis.hsetnx(settings, 'partitions', String(partitions))) === 1;
  // Nothing of a release that cannot read small records has ever been here: there is none to go back to either.
  if (isFirst) await redis.hsetnx(settings, smallRecords, 'from the start');
  await redis.hsetnx(settings, 'contract', contractVersion);
  const fixed = await redis.hget(settings, 'partitions');
  if (fixed !== String(partitions)) {
    throw new RedisSetupError(
      `STREAM_PARTITIONS is ${partitions}, but this Redis was set up with ${fixed}: set STREAM_PARTITIONS=${fixed}. ` +
        `To change it, stop ingress, wait until all lag is 0, and delete ${settings}`,
    );
  }
  return first;
}

/** Of every master: on Cluster each has settings of its own. */
async function readAllFacts(redis: RedisClient): Promise<[ServerFacts, ...ServerFacts[]]> {
  const first = readServerFacts(await redis.info());
  if (!(redis instanceof Cluster)) return [first];
  const masters = redis.nodes('master').map(async (node) => readServerFacts(await node.info()));
  return [first, ...(await Promise.all(masters))];
}

function refuseUnusable(facts: ServerFacts): void {
  if (Number(facts.version.split('.', 1)[0]) < 7) {
    throw new RedisSetupError(
      `Redis ${facts.version} is too old: vagent needs Redis 7.0 or newer, or Valkey`,
    );
  }
  if (facts.evictionPolicy !== 'noeviction') {
    throw new RedisSetupError(
      `Redis evicts keys (maxmemory-policy is ${facts.evictionPolicy}) and would lose conversations: run ` +
        '"CONFIG SET maxmemory-policy noeviction" and put the same into redis.conf',
    );
  }
}

/** Picks what matters out of the text of INFO. Valkey reports the Redis version that it is compatible with. */
export function readServerFacts(info: string): ServerFacts {
  const lines = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return {
    version: lines.get('redis_version') ?? '0',
    evictionPolicy: lines.get('maxmemory_policy') ?? 'unknown',
    appendOnly: lines.get('aof_enabled') === '1',
  };
}
