import type { ActionDecision } from '#agents/actions/action-decision';
import type { ActionResult } from '#agents/actions/action-result';
import type { ActionFinishedInput, ActionOutcome } from '#agents/conversation/turn';
import type { Approval } from '#contract/approval';
import { canonicalJson } from '#contract/canonical-json';
import type { EntryOf } from '#contract/entry';
import { parseSessionId } from '#contract/session-id';
import { failpoint } from '#runtime/failpoint';
import type { AuditRecord } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import type { TurnResult } from '../turns/record-turn.ts';
import { tellConversation } from '../turns/tell-conversation.ts';
import type { TurnDeps } from '../turns/turn-deps.ts';
import type { TurnSavers } from '../turns/turn-savers.ts';
import { type ApprovalRecord, hasBegun, permitWrites } from './approval-record.ts';
import { askToLook } from './ask-to-look.ts';
import { closeApproval } from './close-approvals.ts';
import { decidersOf } from './deciders-of.ts';
import { permitOf } from './permit-of.ts';
import { timeActions } from './time-actions.ts';

/**
 * Carries out a final decision: resumes the waiting thread by its interrupt id, which runs what was allowed under
 * a permit, and reports the outcome to the conversation. `closed` is the record as it will be.
 */
export async function finishApproval(
  deps: TurnDeps,
  delivery: Delivery,
  entry: EntryOf<'approval.decided'>,
  record: ApprovalRecord,
  closed: Approval,
  savers: TurnSavers,
): Promise<TurnResult> {
  await failpoint('worker.before-resume');
  const timing = timeActions(permitOf(deps, delivery, record, closed), delivery.begunAt);
  const results = await deps.actions.decide(closed.interrupt, decisionOf(entry, closed), {
    thread: closed.thread,
    saver: savers.actions,
    permit: timing.permit,
    signal: delivery.signal,
    room: parseSessionId(closed.session)?.room,
  });
  const steps = timing.steps(closed, results);
  await failpoint('worker.after-action');
  const used = permitWrites(deps, delivery.partition, closed.id, results);
  // Known from here on: whatever makes the rest of this turn run again, nobody has to wonder what came of the action.
  if (used.length > 0) await delivery.save({ writes: used });
  await savers.actions.deleteThread(closed.thread);
  const isOtherBegun = results.length === 0 && hasBegun(record);
  const outcome = isOtherBegun ? 'unknown' : outcomeOf(closed, results);
  const finished: ActionFinishedInput = {
    kind: 'action_finished',
    approval: closed.id,
    outcome,
    actions: closed.actions,
    results,
    // Who rejects is not who approved what was begun.
    decidedBy: isOtherBegun ? [] : decidersOf(closed),
    ...(entry.body.text === null ? {} : { reason: entry.body.text }),
    at: entry.body.at,
  };
  const said = await tellConversation(deps, delivery, savers, finished, closed.replyTo);
  const closing = closeApproval(deps, delivery, closed, detailsOf(entry, closed, results));
  return {
    outputs: [
      ...closing.outputs,
      ...(outcome === 'unknown' ? [askToLook(entry, closed, entry.body.eventId)] : []),
      ...said.outputs,
    ],
    writes: [...savers.takeWrites(), ...closing.writes, ...said.writes],
    guards: [...closing.guards, ...said.guards],
    audit: [decisionLine(entry, closed), ...usedLines(closed, results), ...closing.audit, ...said.audit],
    outcome: closed.status,
    course: { ...said.course, about: closed.id, steps },
  };
}

function decisionOf({ id, body }: EntryOf<'approval.decided'>, closed: Approval): ActionDecision {
  const who = { by: decidersOf(closed), at: body.at, event_id: body.eventId ?? id };
  switch (body.decision) {
    case 'approve':
    case 'edit':
      return { decision: body.decision, ...who, actions: closed.actions };
    case 'reject':
      return { decision: 'reject', ...who, text: body.text };
    case 'respond':
      return { decision: 'respond', ...who, text: body.text ?? '' };
    default:
      return body.decision satisfies never;
  }
}

function outcomeOf({ status }: Approval, results: readonly ActionResult[]): ActionOutcome {
  if (status === 'rejected' || status === 'responded') return status;
  if (results.length === 0) return 'unknown';
  const worst = (['unknown', 'refused', 'failed'] as const).find((bad) =>
    results.some((one) => one.status === bad),
  );
  return worst ?? 'done';
}

/** What the outcome on the prompt says beside who decided: the prompt still shows the arguments before an edit. */
function detailsOf(
  { body }: EntryOf<'approval.decided'>,
  { status, actions }: Approval,
  results: readonly ActionResult[],
): string {
  const edited =
    status === 'edited' ? `With ${actions.map(({ args }) => canonicalJson(args)).join(', ')}.` : '';
  const said = results.map(({ text }) => text).join(' ') || (body.text ?? '');
  return [edited, said].filter(Boolean).join(' ');
}

function decisionLine({ id, body }: EntryOf<'approval.decided'>, closed: Approval): AuditRecord {
  return {
    type: 'decision.counted',
    approval: closed.id,
    decision: body.decision,
    by: body.by,
    via: body.via,
    cause: id,
    actions: closed.actions.map(({ name, digest }) => `${name} ${digest}`).join(', '),
    at: body.at,
  };
}

function usedLines(closed: Approval, results: readonly ActionResult[]): AuditRecord[] {
  return results.map(({ status }, index) => ({
    type: 'permit.used',
    approval: closed.id,
    action: String(index),
    digest: closed.actions[index]?.digest ?? '',
    status,
  }));
}
