import type { Approval, ApprovalStatus } from '#contract/approval';
import type { AuditRecord, Commit, Guard, Output, RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { outputsOf } from '../turns/outputs.ts';
import type { TurnDeps } from '../turns/turn-deps.ts';
import type { TurnSavers } from '../turns/turn-savers.ts';
import { type ApprovalRecord, hasBegun, readApproval, recordWrites } from './approval-record.ts';
import { decidersOf } from './deciders-of.ts';
import { timersOf } from './request-approvals.ts';

export type Closing = Required<Pick<Commit, 'outputs' | 'writes' | 'audit' | 'guards'>>;

const outcomeWords: Record<Exclude<ApprovalStatus, 'pending'>, string> = {
  approved: 'Approved',
  edited: 'Edited and approved',
  rejected: 'Rejected',
  responded: 'Answered',
  expired: 'Expired without a decision',
  cancelled: 'Withdrawn by the person who asked',
};

/** Ends approvals that still wait, without running anything, and says why. Others are left as they are. */
export async function closeApprovals(
  deps: TurnDeps,
  delivery: Delivery,
  savers: TurnSavers,
  ids: readonly string[],
  status: 'cancelled' | 'expired',
  details = '',
): Promise<Closing> {
  const closing = {
    outputs: [] as Output[],
    writes: [] as RedisWrite[],
    audit: [] as AuditRecord[],
    guards: [] as Guard[],
  };
  for (const id of ids) {
    const record = await readApproval(deps, delivery.partition, id);
    if (record === undefined || record.approval.status !== 'pending') continue;
    const one = closeApproval(deps, delivery, { ...record.approval, status }, details, record);
    closing.outputs.push(...one.outputs);
    closing.writes.push(...one.writes);
    closing.audit.push(...one.audit);
    closing.guards.push(...one.guards);
    await savers.actions.deleteThread(record.approval.thread);
  }
  return closing;
}

/**
 * What is written when an approval has come to its end: the record, once (guarded by its status), the outcome on
 * the prompt, its timers' end and the audit line. `details` follows the outcome, e.g. what the tool said. `before` is the record
 * of one that ends without a decision.
 */
export function closeApproval(
  deps: TurnDeps,
  delivery: Delivery,
  closed: Approval,
  details: string,
  before?: Pick<ApprovalRecord, 'permits'>,
): Closing {
  const output = outputsOf(delivery.entry);
  const by = decidersOf(closed);
  const words = closed.status === 'pending' ? '' : outcomeWords[closed.status];
  const how = by.length > 0 ? ` by ${by.join(' and ')}` : '';
  const fate = before === undefined ? '' : fateOf(before);
  const text = [`${words}${how}${fate}`, details].filter(Boolean).join('. ');
  return {
    outputs: [
      output('approval.resolved', `${closed.id}-outcome`, {
        approval: closed.id,
        notice: 'outcome',
        status: closed.status,
        by,
        text,
        replyTo: null,
      }),
      ...timersOf(closed).map((timer) => output('timer.cancelled', `cancel-${timer}`, { timer })),
    ],
    writes: recordWrites(deps, delivery.partition, closed),
    guards: [{ key: deps.keys.approval(delivery.partition, closed.id), field: 'status', value: 'pending' }],
    audit: [
      {
        type: 'approval.resolved',
        approval: closed.id,
        status: closed.status,
        by: by.join(', '),
        cause: delivery.entry.id,
        at: new Date(delivery.appendedAt).toISOString(),
      },
    ],
  };
}

function fateOf(before: Pick<ApprovalRecord, 'permits'>): string {
  return hasBegun(before)
    ? '; what a decision had begun before may have taken effect, so somebody has to look'
    : '; nothing was run';
}
