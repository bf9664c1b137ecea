import type { Approval } from '#contract/approval';
import { type RecordDeps, readApproval } from './approval-record.ts';

/** The approvals that a session has asked for and that wait. */
export async function openApprovalsOf(
  deps: RecordDeps,
  partition: number,
  session: string,
): Promise<readonly Approval[]> {
  const open = await deps.redis.hvals(deps.keys.openApprovals(partition));
  const records = await Promise.all(open.map((id) => readApproval(deps, partition, id)));
  return records.flatMap((record) =>
    record?.approval.session === session && record.approval.status === 'pending' ? [record.approval] : [],
  );
}
