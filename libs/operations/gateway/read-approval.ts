import { type Approval, approval } from '#contract/approval';
import { partitionOf } from '#contract/partition-of';
import type { Transport } from '#streams/open-transport';

/** The record of an approval of this session; undefined where there is none (any more), or where it was changed by hand. */
export async function readApproval(
  { redis, keys, partitions, openBody }: Pick<Transport, 'redis' | 'keys' | 'partitions' | 'openBody'>,
  session: string,
  id: string,
): Promise<Approval | undefined> {
  const record = await redis.hget(keys.approval(partitionOf(session, partitions), id), 'record');
  if (record === null) return undefined;
  try {
    return approval.safeParse(JSON.parse(openBody(record))).data;
  } catch {
    return undefined;
  }
}
