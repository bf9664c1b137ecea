import { describeActions } from '#agents/actions/describe-action';
import { type Action, approvalIdOf, type DecisionKind } from '#contract/approval';
import type { OpenTurn } from './open-turn.ts';
import type { Purpose } from './pending-approval.ts';

export interface Question {
  /** All of one tool, thus of one policy. */
  readonly actions: readonly [Action, ...Action[]];
  readonly purpose: Purpose;
  readonly reason: string;
  /** What the reviewer should know beside the action. */
  readonly context: string;
  readonly decisions?: readonly DecisionKind[];
  /** What the person is told while it waits. */
  readonly waits: string;
}

const longestContext = 4_000;

/** Puts actions to the reviewers; returns the approval's id, the same when the turn runs again. */
export function propose(turn: OpenTurn, question: Question): string {
  const { actions, purpose, reason, context, decisions, waits } = question;
  const approval = approvalIdOf(turn.session, turn.id, `proposal:${turn.proposals.length}`);
  turn.proposals.push({
    approval,
    actions,
    reason,
    context: context.slice(0, longestContext).toWellFormed(),
    policy: turn.desk.policyOf(actions[0].name),
    decisions: decisions ?? ['approve', 'edit', 'reject', 'respond'],
  });
  turn.pending = [...turn.pending, { id: approval, actions, since: turn.at, purpose }];
  if (waits !== '') turn.waits.push(waits);
  return approval;
}

/** Whether the very same action waits already, or is about to be asked for. */
export function isWaiting(turn: OpenTurn, { digest }: Action): boolean {
  return turn.pending.some(({ actions }) => actions.some((action) => action.digest === digest));
}

export function sayAlreadyWaiting(actions: readonly Action[]): string {
  return `${describeActions(actions)} is waiting for a reviewer already; I do not ask twice.`;
}

export function sayAsked(actions: readonly Action[]): string {
  return `I have asked a reviewer to approve ${describeActions(actions)}. I will answer here when it is decided; write "cancel" to withdraw it.`;
}
