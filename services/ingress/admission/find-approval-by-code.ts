import { z } from 'zod';
import type { Keys } from '#contract/keys';
import { sessionId } from '#contract/session-id';
import type { RedisClient } from '#streams/redis-client';
import { UnreadableApprovalError } from '../errors.ts';
import type { Prompt } from './find-prompt.ts';

export interface ApprovalByCodeDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly partitions: number;
  readonly openBody: (sealed: string) => string;
}

/** What of an approval's record says where a decision on it must go. */
const record = z.object({ session: sessionId });

/**
 * The approval that waits under this code, else the one that was decided under it; undefined where there is none, or
 * several are.
 *
 * @throws {UnreadableApprovalError} where its record cannot be read.
 */
export async function findApprovalByCode(
  deps: ApprovalByCodeDeps,
  code: string,
): Promise<Prompt | undefined> {
  const { redis, keys } = deps;
  const waiting = await findAll(deps, (partition) => redis.hget(keys.openApprovals(partition), code));
  const found =
    waiting.length > 0
      ? waiting
      : await findAll(deps, (partition) => redis.get(keys.decidedApproval(partition, code)));
  return found.length === 1 ? found[0] : undefined;
}

async function findAll(
  { redis, keys, partitions, openBody }: ApprovalByCodeDeps,
  idIn: (partition: number) => Promise<string | null>,
): Promise<Prompt[]> {
  const find = async (partition: number): Promise<Prompt | undefined> => {
    const approval = await idIn(partition);
    const sealed = approval === null ? null : await redis.hget(keys.approval(partition, approval), 'record');
    if (approval === null || sealed === null) return undefined;
    try {
      return { approval, session: record.parse(JSON.parse(openBody(sealed))).session };
    } catch (cause) {
      throw new UnreadableApprovalError(approval, { cause });
    }
  };
  const found = await Promise.all(Array.from({ length: partitions }, (_, partition) => find(partition)));
  return found.filter((prompt) => prompt !== undefined);
}
