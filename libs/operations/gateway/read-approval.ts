import type { Approval } from '#contract/approval';
import { partitionOf } from '#contract/partition-of';
import { parseApproval } from '#operations/approvals/parse-approval';
import type { Transport } from '#streams/open-transport';

/** The record of an approval of this session; undefined where there is none (any more), or where it was changed by hand. */
export async function readApproval(
  transport: Pick<Transport, 'redis' | 'keys' | 'partitions' | 'openBody'>,
  session: string,
  id: string,
): Promise<Approval | undefined> {
  const { redis, keys, partitions } = transport;
  const record = await redis.hget(keys.approval(partitionOf(session, partitions), id), 'record');
  return record === null ? undefined : parseApproval(transport, record);
}
