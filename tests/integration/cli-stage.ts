import type { Redis } from 'ioredis';
import { createKeys, type Keys } from '#contract/keys';
import { partitionOf } from '#contract/partition-of';
import { uniquePrefix } from '../support/unique-prefix.ts';

export const cliSession = '!room:localhost:main:@ana:localhost';
export const cliPartitions = 4;
export const cliPartition = partitionOf(cliSession, cliPartitions);

export interface CliStage {
  readonly prefix: string;
  readonly keys: Keys;
  /** Under which the command line finds this Redis, and no system that runs in a folder. */
  readonly env: Record<string, string>;
}

/** A Redis as services leave it after their first start, under a prefix of its own. */
export async function openCliStage(redis: Redis, url: string, name: string): Promise<CliStage> {
  const prefix = uniquePrefix(name);
  const keys = createKeys(prefix);
  await redis.hset(keys.settings(), { partitions: String(cliPartitions), contract: '1' });
  return { prefix, keys, env: { REDIS_URL: url, KEY_PREFIX: prefix, VAGENT_DIR: '/nonexistent/vagent' } };
}
