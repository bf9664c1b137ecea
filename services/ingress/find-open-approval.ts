import { z } from 'zod';
import type { Keys } from '#contract/keys';
import { sessionId } from '#contract/session-id';
import type { RedisClient } from '#streams/redis-client';
import type { Prompt } from './find-prompt.ts';

export interface OpenApprovalDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly partitions: number;
  readonly openBody: (sealed: string) => string;
}

/** What of an approval's record says where a decision on it must go. */
const record = z.object({ session: sessionId });

/** The approval that waits under this code; undefined where none does, or several do. */
export async function findOpenApproval(deps: OpenApprovalDeps, code: string): Promise<Prompt | undefined> {
  const partitions = Array.from({ length: deps.partitions }, (_, partition) => partition);
  const found = await Promise.all(partitions.map((partition) => findInPartition(deps, partition, code)));
  const [only, ...others] = found.filter((prompt) => prompt !== undefined);
  return others.length === 0 ? only : undefined;
}

async function findInPartition(
  { redis, keys, openBody }: OpenApprovalDeps,
  partition: number,
  code: string,
): Promise<Prompt | undefined> {
  const approval = await redis.hget(keys.openApprovals(partition), code);
  if (approval === null) return undefined;
  const sealed = await redis.hget(keys.approval(partition, approval), 'record');
  if (sealed === null) return undefined;
  const { session } = record.parse(JSON.parse(openBody(sealed)));
  return { approval, session };
}
