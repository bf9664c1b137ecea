import type { EntryOf } from '#contract/entry';
import type { Delivery } from '#streams/delivery';
import { hasBegun, readApproval } from '../approvals/approval-record.ts';
import { askToLook } from '../approvals/ask-to-look.ts';
import { closeApproval } from '../approvals/close-approvals.ts';
import type { TurnResult } from './record-turn.ts';
import { tellConversation } from './tell-conversation.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

/**
 * Nobody decided in time: the action does not run, the person who asked is told, the prompt says so. Where a decision was
 * given up half way, nobody knows whether it has run: they are told that.
 */
export async function takeExpiryTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.expired'>,
  savers: TurnSavers,
): Promise<TurnResult> {
  const record = await readApproval(deps, delivery.partition, entry.body.approval);
  if (record === undefined || record.approval.status !== 'pending') return { outcome: 'no_reply' };
  const { approval } = record;
  await savers.actions.deleteThread(approval.thread);
  const closed = { ...approval, status: 'expired' as const };
  const closing = closeApproval(deps, delivery, closed, '', record);
  const isBegun = hasBegun(record);
  const { id, actions, replyTo } = approval;
  const said = await tellConversation(
    deps,
    delivery,
    savers,
    {
      kind: 'action_finished',
      approval: id,
      outcome: isBegun ? 'unknown' : 'expired',
      actions,
      decidedBy: [],
      at: entry.at,
    },
    replyTo,
  );
  return {
    ...closing,
    outputs: [...closing.outputs, ...(isBegun ? [askToLook(entry, closed, null)] : []), ...said.outputs],
    writes: [...savers.takeWrites(), ...closing.writes, ...said.writes],
    guards: [...closing.guards, ...said.guards],
    audit: [...closing.audit, ...said.audit],
    outcome: 'expired',
    course: { ...said.course, about: id },
  };
}
