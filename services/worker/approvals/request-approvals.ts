import type { Proposal } from '#agents/conversation/turn';
import type { Approval } from '#contract/approval';
import { failpoint } from '#runtime/failpoint';
import type { AuditRecord, Commit, Output, RedisWrite } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { redisNow } from '#streams/redis-now';
import { outputsOf } from '../turns/outputs.ts';
import type { TurnDeps } from '../turns/turn-deps.ts';
import type { TurnSavers } from '../turns/turn-savers.ts';
import { recordWrites } from './approval-record.ts';

/**
 * Parks each proposal on a thread of its own at its interrupt, and says what must be written for reviewers to
 * decide on it: the record, the prompt, the timers, the audit line. Times are Redis'.
 */
export async function requestApprovals(
  deps: TurnDeps,
  delivery: Delivery,
  savers: TurnSavers,
  proposals: readonly Proposal[],
  cause: { requester: string; replyTo: string | null },
): Promise<Required<Pick<Commit, 'outputs' | 'writes' | 'audit'>>> {
  const outputs: Output[] = [];
  const writes: RedisWrite[] = [];
  const audit: AuditRecord[] = [];
  if (proposals.length === 0) return { outputs, writes, audit };
  const now = await redisNow(deps.redis);
  for (const proposal of proposals) {
    const thread = `approval:${proposal.approval}`;
    const question = { approval: proposal.approval, actions: proposal.actions };
    const interrupt = await deps.actions.ask(question, { thread, saver: savers.actions });
    await failpoint('worker.after-interrupt');
    const record = toRecord(delivery, proposal, { ...cause, thread, interrupt, now });
    outputs.push(...requestOutputs(delivery, record, now));
    writes.push(...recordWrites(deps, delivery.partition, record));
    audit.push({
      type: 'approval.requested',
      approval: record.id,
      session: record.session,
      requester: record.requester,
      actions: record.actions.map(({ name, digest }) => `${name} ${digest}`).join(', '),
      at: record.requestedAt,
    });
  }
  return { outputs, writes, audit };
}

function toRecord(
  delivery: Delivery,
  proposal: Proposal,
  cause: { requester: string; replyTo: string | null; thread: string; interrupt: string; now: number },
): Approval {
  const { risk, policy, expiresInSeconds } = proposal.policy;
  return {
    id: proposal.approval,
    session: delivery.entry.session,
    interrupt: cause.interrupt,
    thread: cause.thread,
    turn: delivery.entry.id,
    requester: cause.requester,
    replyTo: cause.replyTo,
    reason: proposal.reason,
    risk,
    actions: [...proposal.actions],
    decisions: [...proposal.decisions],
    context: proposal.context,
    policy,
    requestedAt: new Date(cause.now).toISOString(),
    expiresAt: new Date(cause.now + expiresInSeconds * 1000).toISOString(),
    status: 'pending',
    decided: [],
  };
}

function requestOutputs(delivery: Delivery, record: Approval, now: number): Output[] {
  const output = outputsOf(delivery.entry);
  const { id, expiresAt, policy } = record;
  const reminders = policy.reminders.filter((seconds) => now + seconds * 1000 < Date.parse(expiresAt));
  return [
    output('approval.requested', id, { approval: record }),
    output('timer.set', `${id}-expiry`, {
      timer: expiryTimerOf(id),
      kind: 'approval.expiry',
      dueAt: expiresAt,
      data: { approval: id },
    }),
    ...reminders.map((seconds, index) =>
      output('timer.set', `${id}-reminder-${index + 1}`, {
        timer: reminderTimerOf(id, index + 1),
        kind: 'approval.reminder',
        dueAt: new Date(now + seconds * 1000).toISOString(),
        data: { approval: id, reminder: index + 1, expiresAt, escalateTo: policy.escalateTo },
      }),
    ),
  ];
}

function expiryTimerOf(id: string): string {
  return `${id}:expiry`;
}

function reminderTimerOf(id: string, reminder: number): string {
  return `${id}:reminder:${reminder}`;
}

/** All timers that a record may have set. */
export function timersOf({ id, policy }: Approval): string[] {
  return [expiryTimerOf(id), ...policy.reminders.map((_, index) => reminderTimerOf(id, index + 1))];
}
