import type { Approval } from '#contract/approval';
import type { EntryOf } from '#contract/entry';
import { renderApproval } from '#matrix/render-approval';
import type { Output } from '#streams/commit';
import type { Delivery } from '#streams/delivery';
import { type ApprovalRecord, readApproval, recordWrites } from '../approvals/approval-record.ts';
import { editedActions } from '../approvals/edited-actions.ts';
import { finishApproval } from '../approvals/finish-approval.ts';
import { judgeDecision, type Verdict } from '../approvals/judge-decision.ts';
import { outputsOf } from './outputs.ts';
import type { TurnResult } from './record-turn.ts';
import { tellConversation } from './tell-conversation.ts';
import type { TurnDeps } from './turn-deps.ts';
import type { TurnSavers } from './turn-savers.ts';

type Decided = EntryOf<'approval.decided'>;

/** A reviewer decided: judge it, and where it is final run what it allows and report. */
export async function takeDecisionTurn(
  deps: TurnDeps,
  delivery: Delivery,
  entry: Decided,
  savers: TurnSavers,
): Promise<TurnResult> {
  const record = await readApproval(deps, delivery.partition, entry.body.approval);
  if (record === undefined) {
    const text = 'this approval is not known here: it was removed, or its code belongs to another system';
    return answer(delivery, entry, null, 'unknown', text);
  }
  const { approval } = record;
  const hasHiddenParts = renderApproval(approval).hiddenCharacters > 0;
  const adminRoom = await deps.moves.currentOf(deps.adminRoom);
  const { escalateTo } = approval.policy;
  const escalationRoom = escalateTo === null ? null : await deps.moves.currentOf(escalateTo);
  const context = { decidedAt: delivery.appendedAt, adminRoom, escalationRoom, hasHiddenParts };
  const verdict = judgeDecision(approval, entry, context);
  switch (verdict.kind) {
    case 'word':
      return passOn(deps, delivery, entry, verdict.text, savers);
    case 'refused':
    case 'already_decided':
      return answer(delivery, entry, approval, verdict.kind, verdict.text);
    case 'progress':
      return progress(deps, delivery, entry, approval, verdict);
    case 'final':
      return finish(deps, delivery, entry, record, verdict, savers);
    default:
      return verdict satisfies never;
  }
}

async function finish(
  deps: TurnDeps,
  delivery: Delivery,
  entry: Decided,
  record: ApprovalRecord,
  { status, decided }: Extract<Verdict, { kind: 'final' }>,
  savers: TurnSavers,
): Promise<TurnResult> {
  const { approval } = record;
  let { actions } = approval;
  if (entry.body.decision === 'edit') {
    const edited = editedActions(actions, entry.body.edit, deps.tools);
    if (!edited.ok) {
      const text = `the edit cannot be used (${edited.problem}): nothing was decided, send another one`;
      return answer(delivery, entry, approval, 'refused', text);
    }
    actions = [...edited.actions];
  }
  const closed: Approval = { ...approval, actions, status, decided: [...decided] };
  return finishApproval(deps, delivery, entry, record, closed, savers);
}

/** The reviewer has taken the conversation over: what they write goes to the user. */
async function passOn(
  deps: TurnDeps,
  delivery: Delivery,
  { id, body: { approval, by, at } }: Decided,
  text: string,
  savers: TurnSavers,
): Promise<TurnResult> {
  const said = { kind: 'person', id, approval, by, text, at } as const;
  const commit = await tellConversation(deps, delivery, savers, said, null);
  const course = { ...commit.course, about: approval };
  return { ...commit, course, writes: [...savers.takeWrites(), ...commit.writes], outcome: 'passed_on' };
}

/** The decision counts, and more are needed: keep it. */
function progress(
  deps: TurnDeps,
  delivery: Delivery,
  entry: Decided,
  approval: Approval,
  verdict: Extract<Verdict, { kind: 'progress' }>,
): TurnResult {
  const told = answer(delivery, entry, approval, 'progress', verdict.text);
  const kept: Approval = { ...approval, decided: [...verdict.decided] };
  return {
    ...told,
    writes: recordWrites(deps, delivery.partition, kept),
    guards: [{ key: deps.keys.approval(delivery.partition, approval.id), field: 'status', value: 'pending' }],
  };
}

/** Tells whoever decided what became of it, and keeps a line of it in the audit. */
function answer(
  delivery: Delivery,
  { body, id }: Decided,
  approval: Approval | null,
  notice: 'progress' | 'already_decided' | 'refused' | 'unknown',
  text: string,
): TurnResult {
  const outputs: Output[] = [
    outputsOf(delivery.entry)('approval.resolved', `${body.approval}-${notice}`, {
      approval: body.approval,
      notice,
      status: approval?.status ?? null,
      by: [body.by],
      text,
      replyTo: body.eventId,
    }),
  ];
  const line = {
    type: `decision.${notice}`,
    approval: body.approval,
    decision: body.decision,
    by: body.by,
    via: body.via,
    cause: id,
    at: new Date(delivery.appendedAt).toISOString(),
    text,
  };
  return { outputs, audit: [line], outcome: notice, course: { about: body.approval } };
}
